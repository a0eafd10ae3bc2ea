// ArrayView: the bytes of a numeric array, with their meaning.

#ifndef BITNET_ARRAYS_ARRAY_VIEW_H_
#define BITNET_ARRAYS_ARRAY_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bitnet {

enum class Dtype : uint8_t { kF16, kF32, kF64, kI32, kI64 };

// "<f2", "<f4", "<f8", "<i4", "<i8": NumPy's names.
std::string_view DtypeName(Dtype dtype);
// Empty for any other name.
std::optional<Dtype> FindDtype(std::string_view name);
size_t DtypeBytes(Dtype dtype);

// Beyond what any honest array has, far from where sizes wrap around.
inline constexpr size_t kMaxArrayDims = 8;
inline constexpr uint64_t kMaxArrayBytes = uint64_t{1} << 46;

// Product of a shape's extents times the size of an element; 0 when an extent is 0. InvalidArgument beyond the limits
// above, naming `what`.
absl::StatusOr<uint64_t> ArrayBytes(Dtype dtype, std::span<const uint64_t> shape, std::string_view what);

// "[40][2048]", or "scalar".
std::string ShapeText(std::span<const uint64_t> shape);

// Little-endian, C order. Owns nothing; `bytes` need no alignment.
struct ArrayView {
  Dtype dtype = Dtype::kF32;
  std::vector<uint64_t> shape;
  std::span<const uint8_t> bytes;  // exactly ArrayBytes(dtype, shape)

  uint64_t elements() const { return bytes.size() / DtypeBytes(dtype); }
};

// Elements [first, first + out.size()) as binary64: exact but for int64 beyond 2^53. The range must lie inside.
void CopyAsDouble(const ArrayView& array, uint64_t first, std::span<double> out);

// Every element of a one-dimensional array of int32 or int64 as token ids. InvalidArgument for another type or shape,
// no elements, or a value outside 0..2^31-1, with its index.
absl::StatusOr<std::vector<int32_t>> CopyAsIds(const ArrayView& array);

}  // namespace bitnet

#endif  // BITNET_ARRAYS_ARRAY_VIEW_H_
