// A small commitment for tests and for the corpus of the fuzzer.

#ifndef BITNET_COMMITMENT_SAMPLE_COMMITMENT_H_
#define BITNET_COMMITMENT_SAMPLE_COMMITMENT_H_

#include "bitnet/commitment/commitment_file.h"

namespace bitnet {

// Three prompt tokens in two passes, two decode steps; two layers.
Commitment SampleCommitment();

}  // namespace bitnet

#endif  // BITNET_COMMITMENT_SAMPLE_COMMITMENT_H_
