// What RmsNorm works on. Plain data only: the files of every instruction set include it.

#ifndef BITNET_KERNELS_RMS_NORM_RMS_NORM_ARGS_H_
#define BITNET_KERNELS_RMS_NORM_RMS_NORM_ARGS_H_

#include <cstdint>

namespace bitnet {

// Contiguous rows; y may equal x.
struct RmsNormArgs {
  const float* x;       // [rows][dim]
  const float* weight;  // [dim]
  float* y;             // [rows][dim]
  int64_t rows;
  int64_t dim;
  float eps;
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_RMS_NORM_RMS_NORM_ARGS_H_
