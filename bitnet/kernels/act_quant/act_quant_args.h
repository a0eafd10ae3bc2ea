// Arguments of activation quantization: plain data, so that the files of one instruction set can include it.

#ifndef BITNET_KERNELS_ACT_QUANT_ACT_QUANT_ARGS_H_
#define BITNET_KERNELS_ACT_QUANT_ACT_QUANT_ARGS_H_

#include <cstdint>

namespace bitnet {

// Absmax int8 quantization of activations, one scale per token.
struct ActQuantArgs {
  const float* x;  // [rows][dim], finite
  int8_t* q;       // [rows][dim] clamp(rint_half_even(x * s), -128, 127)
  float* scale;    // [rows] s = 127 / max(max|x|, 1e-5)
  int32_t* sum;    // [rows] sum of q over the row: what the ternary matmul subtracts, since its codes are 0..2
  int64_t rows;
  int64_t dim;
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_ACT_QUANT_ACT_QUANT_ARGS_H_
