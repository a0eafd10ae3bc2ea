// What ResidualAdd works on. Plain data only: the files of every instruction set include it.

#ifndef BITNET_KERNELS_RESIDUAL_ADD_RESIDUAL_ADD_ARGS_H_
#define BITNET_KERNELS_RESIDUAL_ADD_RESIDUAL_ADD_ARGS_H_

#include <cstdint>

namespace bitnet {

// Contiguous rows.
struct ResidualAddArgs {
  float* x;        // [rows][dim], in place
  const float* y;  // [rows][dim]
  int64_t rows;
  int64_t dim;
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_RESIDUAL_ADD_RESIDUAL_ADD_ARGS_H_
