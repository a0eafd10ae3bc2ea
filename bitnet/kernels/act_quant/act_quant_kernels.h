// The kernels of act_quant, for its dispatcher only. Includes nothing but plain data: see isa.bzl.

#ifndef BITNET_KERNELS_ACT_QUANT_ACT_QUANT_KERNELS_H_
#define BITNET_KERNELS_ACT_QUANT_ACT_QUANT_KERNELS_H_

#include <cstdint>

#include "bitnet/kernels/act_quant/act_quant_args.h"

namespace bitnet {

// Quantizes token rows [begin, end). A row with a NaN or an infinity gets a scale that is not > 0 and any q.
using ActQuantFn = void (*)(const ActQuantArgs& args, int64_t begin, int64_t end);

// CA-1: the absmax below which the scale stops growing.
inline constexpr float kMinAbsmax = 1e-5f;

void ActQuantI8Scalar(const ActQuantArgs& args, int64_t begin, int64_t end);
void ActQuantI8Avx2(const ActQuantArgs& args, int64_t begin, int64_t end);
void ActQuantI8Avx512(const ActQuantArgs& args, int64_t begin, int64_t end);

}  // namespace bitnet

#endif  // BITNET_KERNELS_ACT_QUANT_ACT_QUANT_KERNELS_H_
