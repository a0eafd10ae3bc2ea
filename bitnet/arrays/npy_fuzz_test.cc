// Any bytes as a .npy file: an array whose bytes are exactly its shape's, or an error that says something.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "bitnet/arrays/array_view.h"
#include "bitnet/arrays/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::StatusOr<bitnet::ArrayView> array = bitnet::ParseNpy(std::span(data, size));
  if (!array.ok()) {
    CHECK(!array.status().message().empty());
    return 0;
  }
  const absl::StatusOr<uint64_t> bytes = bitnet::ArrayBytes(array->dtype, array->shape, "shape");
  CHECK(bytes.ok() && *bytes == array->bytes.size());
  std::vector<double> values(array->elements());
  bitnet::CopyAsDouble(*array, 0, values);
  if (const auto ids = bitnet::CopyAsIds(*array); ids.ok()) CHECK_EQ(ids->size(), values.size());
  // What we write of it reads back as the same array.
  const std::string preamble = bitnet::NpyPreamble(array->dtype, array->shape);
  std::vector<uint8_t> again(preamble.begin(), preamble.end());
  again.insert(again.end(), array->bytes.begin(), array->bytes.end());
  const absl::StatusOr<bitnet::ArrayView> second = bitnet::ParseNpy(again);
  CHECK(second.ok()) << second.status();
  CHECK(second->dtype == array->dtype && second->shape == array->shape);
  CHECK(std::equal(second->bytes.begin(), second->bytes.end(), array->bytes.begin(), array->bytes.end()));
  return 0;
}
