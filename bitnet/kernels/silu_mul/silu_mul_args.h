// What SiluMul works on. Plain data only: the files of every instruction set include it.

#ifndef BITNET_KERNELS_SILU_MUL_SILU_MUL_ARGS_H_
#define BITNET_KERNELS_SILU_MUL_SILU_MUL_ARGS_H_

#include <cstdint>

namespace bitnet {

// Contiguous rows; out may equal gate.
struct SiluMulArgs {
  const float* gate;  // [rows][dim]
  const float* up;    // [rows][dim]
  float* out;         // [rows][dim]
  int64_t rows;
  int64_t dim;
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_SILU_MUL_SILU_MUL_ARGS_H_
