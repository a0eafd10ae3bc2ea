// Float tensors of a file in the type that another file has them in: tables in binary16, norms in binary32.

#ifndef BITNET_QUANT_WRITE_FLOATS_H_
#define BITNET_QUANT_WRITE_FLOATS_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {

// What rounding a table to binary16 did to it.
struct F16Rounding {
  uint64_t values = 0;
  uint64_t rounded = 0;  // that binary16 does not hold exactly
  uint64_t to_zero = 0;  // of these, below half of the smallest binary16
  double max_error = 0;  // max |value - rounded value|
  bool operator==(const F16Rounding&) const = default;
};

using FloatByteSink = absl::FunctionRef<absl::Status(std::span<const uint8_t>)>;

// `bytes`: little-endian values of type F32, F16 or BF16 (CHECK), a whole number of them (CHECK), at any alignment.
// `tensor` is for errors; those of the sink go through unchanged.

// The values as little-endian binary16, to the nearest, ties to even, in pieces to `sink`. InvalidArgument names the
// first value that is not finite or too large for binary16.
absl::StatusOr<F16Rounding> WriteAsF16(TensorType type, std::span<const uint8_t> bytes, std::string_view tensor,
                                       FloatByteSink sink);

// The values as little-endian binary32, which is exact. InvalidArgument names the first that is not finite.
absl::Status WriteAsF32(TensorType type, std::span<const uint8_t> bytes, std::string_view tensor, FloatByteSink sink);

}  // namespace bitnet

#endif  // BITNET_QUANT_WRITE_FLOATS_H_
