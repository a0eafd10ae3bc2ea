// The logits projection by its definition: the oracle of the tests and the plain answer of the self-test.

#ifndef BITNET_KERNELS_HEAD_REFERENCE_H_
#define BITNET_KERNELS_HEAD_REFERENCE_H_

#include "bitnet/kernels/head/head_args.h"

namespace bitnet {

void LogitsProjectionReference(const LogitsProjectionArgs& args);

}  // namespace bitnet

#endif  // BITNET_KERNELS_HEAD_REFERENCE_H_
