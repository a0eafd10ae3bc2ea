// The kernels of RmsNorm, for its dispatcher, self-test and tests only.

#ifndef BITNET_KERNELS_RMS_NORM_RMS_NORM_KERNELS_H_
#define BITNET_KERNELS_RMS_NORM_RMS_NORM_KERNELS_H_

#include <cstdint>

#include "bitnet/kernels/rms_norm/rms_norm_args.h"

namespace bitnet {

enum class KernelId : uint8_t;

// Works on token rows [begin, end).
using RmsNormFn = void (*)(const RmsNormArgs& args, int64_t begin, int64_t end);

void RmsNormF32Scalar(const RmsNormArgs& args, int64_t begin, int64_t end);
void RmsNormF32Avx2(const RmsNormArgs& args, int64_t begin, int64_t end);
void RmsNormF32Avx512(const RmsNormArgs& args, int64_t begin, int64_t end);

// The function behind a kernel id of this op.
RmsNormFn FindRmsNormFn(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_RMS_NORM_RMS_NORM_KERNELS_H_
