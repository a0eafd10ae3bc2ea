// NumPy's array files (.npy), versions 1.0, 2.0 and 3.0: a magic, a version, the length of a header, the header, which
// is a Python dictionary {'descr': '<f4', 'fortran_order': False, 'shape': (40, 2048), }, and the elements.

#ifndef BITNET_ARRAYS_NPY_H_
#define BITNET_ARRAYS_NPY_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/arrays/array_view.h"

namespace bitnet {

// The array that `file` holds; `bytes` of the result are a part of it. Little-endian f2, f4, f8, i4 and i8 in C order.
// Unimplemented, by name, for Fortran order, big-endian, structured, object and other types; InvalidArgument or
// OutOfRange with what, where, expected and got for everything that is no such file, a size that is not the shape's
// included.
absl::StatusOr<ArrayView> ParseNpy(std::span<const uint8_t> file);

// Everything before the elements, version 1.0, a multiple of 64 bytes. The shape is within the limits of ArrayBytes.
std::string NpyPreamble(Dtype dtype, std::span<const uint64_t> shape);

}  // namespace bitnet

#endif  // BITNET_ARRAYS_NPY_H_
