// Any bytes at all: Parse answers with a file whose every view lies inside the input, or with an error; ParseDirectory
// with the same directory, also where Parse refuses the tensors.

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/gguf/gguf_file.h"

namespace bitnet {
namespace {

void CheckInside(std::span<const uint8_t> input, const void* data, size_t size) {
  const uint8_t* begin = static_cast<const uint8_t*>(data);
  if (size == 0) return;
  CHECK(begin >= input.data() && begin + size <= input.data() + input.size());
}

void CheckValue(std::span<const uint8_t> input, const GgufFile& file, std::string_view key, const GgufValue& value) {
  CheckInside(input, key.data(), key.size());
  CHECK(file.Find(key) == &value);
  if (const std::string_view* text = std::get_if<std::string_view>(&value.data)) {
    CheckInside(input, text->data(), text->size());
  }
  if (const GgufArray* array = std::get_if<GgufArray>(&value.data)) {
    CheckInside(input, array->raw.data(), array->raw.size());
    for (std::string_view text : array->strings) CheckInside(input, text.data(), text.size());
    CHECK(array->strings.empty() || array->strings.size() == array->count);
  }
  // Exactly the getters of the value's own kind succeed; the others must say why not.
  const absl::Status statuses[] = {file.GetU64(key).status(), file.GetF32(key).status(), file.GetBool(key).status(),
                                   file.GetString(key).status()};
  for (const absl::Status& status : statuses) CHECK(status.ok() || absl::IsInvalidArgument(status));
}

// Names and shapes as Parse reads them, and nothing of the data.
void CheckDirectory(std::span<const uint8_t> input, const GgufFile& directory) {
  for (const GgufTensor& tensor : directory.tensors()) {
    CheckInside(input, tensor.name.data(), tensor.name.size());
    CHECK(tensor.data.empty());
    CHECK(tensor.elements() > 0);
    CHECK(directory.FindTensor(tensor.name) == &tensor);
  }
}

}  // namespace
}  // namespace bitnet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> input(data, size);
  const absl::StatusOr<bitnet::GgufFile> file = bitnet::GgufFile::Parse(input);
  const absl::StatusOr<bitnet::GgufFile> directory = bitnet::GgufFile::ParseDirectory(input);
  if (directory.ok()) bitnet::CheckDirectory(input, *directory);
  if (!file.ok()) {
    CHECK(!file.status().message().empty());
    CHECK(directory.ok() || directory.status() == file.status());
    return 0;
  }
  CHECK(directory.ok() && directory->tensors().size() == file->tensors().size());
  for (const auto& [key, value] : file->metadata()) bitnet::CheckValue(input, *file, key, value);
  CHECK(file->raw_values().size() == file->metadata().size());
  for (const std::span<const uint8_t> raw : file->raw_values()) {
    CHECK(raw.size() > sizeof(uint32_t));
    bitnet::CheckInside(input, raw.data(), raw.size());
  }
  for (const bitnet::GgufTensor& tensor : file->tensors()) {
    bitnet::CheckInside(input, tensor.data.data(), tensor.data.size());
    CHECK(file->FindTensor(tensor.name) == &tensor);
    CHECK(tensor.elements() > 0);
  }
  return 0;
}
