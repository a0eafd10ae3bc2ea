// The plainest Rope: the oracle of the self-test and of the differential test.

#ifndef BITNET_KERNELS_ROPE_REFERENCE_H_
#define BITNET_KERNELS_ROPE_REFERENCE_H_

#include <cstdint>

#include "bitnet/kernels/rope/rope_args.h"

namespace bitnet {

void RopeReference(const RopeKernelArgs& args, int64_t begin, int64_t end);

}  // namespace bitnet

#endif  // BITNET_KERNELS_ROPE_REFERENCE_H_
