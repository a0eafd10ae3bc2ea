// The plainest SiluMul: the oracle of the self-test and of the differential test.

#ifndef BITNET_KERNELS_SILU_MUL_REFERENCE_H_
#define BITNET_KERNELS_SILU_MUL_REFERENCE_H_

#include <cstdint>

#include "bitnet/kernels/silu_mul/silu_mul_args.h"

namespace bitnet {

void SiluMulReference(const SiluMulArgs& args, int64_t begin, int64_t end);

}  // namespace bitnet

#endif  // BITNET_KERNELS_SILU_MUL_REFERENCE_H_
