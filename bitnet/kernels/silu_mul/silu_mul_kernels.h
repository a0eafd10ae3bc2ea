// The kernels of SiluMul, for its dispatcher, self-test and tests only.

#ifndef BITNET_KERNELS_SILU_MUL_SILU_MUL_KERNELS_H_
#define BITNET_KERNELS_SILU_MUL_SILU_MUL_KERNELS_H_

#include <cstdint>

#include "bitnet/kernels/silu_mul/silu_mul_args.h"

namespace bitnet {

enum class KernelId : uint8_t;

// Works on token rows [begin, end).
using SiluMulFn = void (*)(const SiluMulArgs& args, int64_t begin, int64_t end);

void SiluMulF32Scalar(const SiluMulArgs& args, int64_t begin, int64_t end);
void SiluMulF32Avx2(const SiluMulArgs& args, int64_t begin, int64_t end);
void SiluMulF32Avx512(const SiluMulArgs& args, int64_t begin, int64_t end);

// The function behind a kernel id of this op.
SiluMulFn FindSiluMulFn(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_SILU_MUL_SILU_MUL_KERNELS_H_
