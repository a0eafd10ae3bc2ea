// Any bytes at all: Parse answers with a file whose tensors fill the data without overlap, or with an error. The same
// bytes as an index: a list of plain names, or an error.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "bitnet/safetensors/safetensors_file.h"
#include "bitnet/safetensors/safetensors_model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> input(data, size);
  const absl::StatusOr<bitnet::SafetensorsFile> file = bitnet::SafetensorsFile::Parse(input, "input");
  if (!file.ok()) {
    CHECK(!file.status().message().empty());
  } else {
    const uint8_t* end = nullptr;
    uint64_t bytes = 0;
    for (const bitnet::SafetensorsTensor& tensor : file->tensors()) {
      CHECK(file->Find(tensor.name) == &tensor);
      CHECK_EQ(tensor.elements() * bitnet::SafetensorsDtypeSize(tensor.dtype), tensor.data.size());
      CHECK(tensor.data.data() >= input.data() &&
            tensor.data.data() + tensor.data.size() <= input.data() + input.size());
      CHECK(end == nullptr || tensor.data.data() == end);
      end = tensor.data.data() + tensor.data.size();
      bytes += tensor.data.size();
    }
    CHECK(end == nullptr || end == input.data() + input.size());
    CHECK_LE(bytes, input.size());
  }
  const auto index =
      bitnet::ParseSafetensorsIndex(std::string_view(reinterpret_cast<const char*>(data), size), "input");
  if (index.ok()) {
    for (const auto& [tensor, name] : *index) CHECK(name.find('/') == std::string::npos && name[0] != '.');
  }
  return 0;
}
