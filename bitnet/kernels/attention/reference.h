// Attention by its definition, one element at a time: the oracle of the tests and the plain answer of the self-test.

#ifndef BITNET_KERNELS_ATTENTION_REFERENCE_H_
#define BITNET_KERNELS_ATTENTION_REFERENCE_H_

#include "bitnet/kernels/attention/attention_args.h"

namespace bitnet {

// Appends, then computes args.out. Ignores args.scores.
void ReferenceAttention(const AttentionArgs& args);

}  // namespace bitnet

#endif  // BITNET_KERNELS_ATTENTION_REFERENCE_H_
