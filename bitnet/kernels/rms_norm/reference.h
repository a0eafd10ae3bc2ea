// The plainest RmsNorm: the oracle of the self-test and of the differential test.

#ifndef BITNET_KERNELS_RMS_NORM_REFERENCE_H_
#define BITNET_KERNELS_RMS_NORM_REFERENCE_H_

#include <cstdint>

#include "bitnet/kernels/rms_norm/rms_norm_args.h"

namespace bitnet {

void RmsNormReference(const RmsNormArgs& args, int64_t begin, int64_t end);

}  // namespace bitnet

#endif  // BITNET_KERNELS_RMS_NORM_REFERENCE_H_
