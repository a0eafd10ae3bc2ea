#include "bitnet/arrays/array_view.h"

#include <cstring>
#include <limits>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/f16.h"

namespace bitnet {
namespace {

struct DtypeRow {
  Dtype dtype;
  std::string_view name;
  size_t bytes;
};

constexpr DtypeRow kDtypes[] = {{Dtype::kF16, "<f2", 2},
                                {Dtype::kF32, "<f4", 4},
                                {Dtype::kF64, "<f8", 8},
                                {Dtype::kI32, "<i4", 4},
                                {Dtype::kI64, "<i8", 8}};

const DtypeRow& RowOf(Dtype dtype) { return kDtypes[static_cast<size_t>(dtype)]; }

template <typename T>
T ElementAt(const ArrayView& array, uint64_t index) {
  T value;
  std::memcpy(&value, array.bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

template <typename T>
void Copy(const ArrayView& array, uint64_t first, std::span<double> out) {
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<double>(ElementAt<T>(array, first + i));
}

}  // namespace

std::string_view DtypeName(Dtype dtype) { return RowOf(dtype).name; }

std::optional<Dtype> FindDtype(std::string_view name) {
  for (const DtypeRow& row : kDtypes) {
    if (row.name == name) return row.dtype;
  }
  return std::nullopt;
}

size_t DtypeBytes(Dtype dtype) { return RowOf(dtype).bytes; }

absl::StatusOr<uint64_t> ArrayBytes(Dtype dtype, std::span<const uint64_t> shape, std::string_view what) {
  if (shape.size() > kMaxArrayDims) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": expected at most ", kMaxArrayDims, " dimensions, got ", shape.size()));
  }
  uint64_t bytes = DtypeBytes(dtype);
  bool empty = false;
  for (uint64_t extent : shape) {
    empty |= extent == 0;
    if (extent == 0) continue;
    if (extent > kMaxArrayBytes / bytes) {
      return absl::InvalidArgumentError(absl::StrCat(what, ": expected an array of at most ", kMaxArrayBytes,
                                                     " bytes, got shape ", ShapeText(shape)));
    }
    bytes *= extent;
  }
  return empty ? 0 : bytes;
}

std::string ShapeText(std::span<const uint64_t> shape) {
  if (shape.empty()) return "scalar";
  std::string text;
  for (uint64_t extent : shape) absl::StrAppend(&text, "[", extent, "]");
  return text;
}

void CopyAsDouble(const ArrayView& array, uint64_t first, std::span<double> out) {
  CHECK(first <= array.elements() && out.size() <= array.elements() - first);
  switch (array.dtype) {
    case Dtype::kF16:
      for (size_t i = 0; i < out.size(); ++i) out[i] = F16ToF32(ElementAt<F16>(array, first + i));
      break;
    case Dtype::kF32:
      return Copy<float>(array, first, out);
    case Dtype::kF64:
      return Copy<double>(array, first, out);
    case Dtype::kI32:
      return Copy<int32_t>(array, first, out);
    case Dtype::kI64:
      return Copy<int64_t>(array, first, out);
  }
}

absl::StatusOr<std::vector<int32_t>> CopyAsIds(const ArrayView& array) {
  if ((array.dtype != Dtype::kI32 && array.dtype != Dtype::kI64) || array.shape.size() != 1 || array.shape[0] == 0) {
    return absl::InvalidArgumentError(absl::StrCat("token ids: expected a one-dimensional array of <i4 or <i8, got ",
                                                   DtypeName(array.dtype), " ", ShapeText(array.shape)));
  }
  std::vector<int32_t> ids(array.elements());
  for (size_t i = 0; i < ids.size(); ++i) {
    const int64_t id = array.dtype == Dtype::kI32 ? ElementAt<int32_t>(array, i) : ElementAt<int64_t>(array, i);
    if (id < 0 || id > std::numeric_limits<int32_t>::max()) {
      return absl::InvalidArgumentError(absl::StrCat("token id ", i, ": expected 0..2^31-1, got ", id));
    }
    ids[i] = static_cast<int32_t>(id);
  }
  return ids;
}

}  // namespace bitnet
