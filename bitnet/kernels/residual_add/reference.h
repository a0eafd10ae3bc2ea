// The plainest ResidualAdd: the oracle of the self-test and of the differential test.

#ifndef BITNET_KERNELS_RESIDUAL_ADD_REFERENCE_H_
#define BITNET_KERNELS_RESIDUAL_ADD_REFERENCE_H_

#include <cstdint>

#include "bitnet/kernels/residual_add/residual_add_args.h"

namespace bitnet {

void ResidualAddReference(const ResidualAddArgs& args, int64_t begin, int64_t end);

}  // namespace bitnet

#endif  // BITNET_KERNELS_RESIDUAL_ADD_REFERENCE_H_
