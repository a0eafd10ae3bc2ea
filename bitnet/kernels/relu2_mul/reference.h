// The plainest Relu2Mul: the oracle of the self-test and of the differential test.

#ifndef BITNET_KERNELS_RELU2_MUL_REFERENCE_H_
#define BITNET_KERNELS_RELU2_MUL_REFERENCE_H_

#include <cstdint>

#include "bitnet/kernels/relu2_mul/relu2_mul_args.h"

namespace bitnet {

void Relu2MulReference(const Relu2MulArgs& args, int64_t begin, int64_t end);

}  // namespace bitnet

#endif  // BITNET_KERNELS_RELU2_MUL_REFERENCE_H_
