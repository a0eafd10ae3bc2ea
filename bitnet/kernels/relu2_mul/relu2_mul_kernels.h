// The kernels of Relu2Mul, for its dispatcher, self-test and tests only.

#ifndef BITNET_KERNELS_RELU2_MUL_RELU2_MUL_KERNELS_H_
#define BITNET_KERNELS_RELU2_MUL_RELU2_MUL_KERNELS_H_

#include <cstdint>

#include "bitnet/kernels/relu2_mul/relu2_mul_args.h"

namespace bitnet {

enum class KernelId : uint8_t;

// Works on token rows [begin, end).
using Relu2MulFn = void (*)(const Relu2MulArgs& args, int64_t begin, int64_t end);

void Relu2MulF32Scalar(const Relu2MulArgs& args, int64_t begin, int64_t end);
void Relu2MulF32Avx2(const Relu2MulArgs& args, int64_t begin, int64_t end);
void Relu2MulF32Avx512(const Relu2MulArgs& args, int64_t begin, int64_t end);

// The function behind a kernel id of this op.
Relu2MulFn FindRelu2MulFn(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_RELU2_MUL_RELU2_MUL_KERNELS_H_
