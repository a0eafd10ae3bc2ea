// Argmax and sampling by their definitions: the oracle of the tests and the plain answer of the self-tests.

#ifndef BITNET_KERNELS_SAMPLE_REFERENCE_H_
#define BITNET_KERNELS_SAMPLE_REFERENCE_H_

#include <cstdint>
#include <span>

#include "bitnet/sampling/sampling_params.h"

namespace bitnet {

int64_t ArgmaxReference(std::span<const float> x);

// The steps at the head of bitnet/sampling/sampler.h, on a fully sorted vocabulary.
int32_t SampleReference(const SamplingParams& params, std::span<const float> logits, std::span<const int32_t> history,
                        uint64_t position);

}  // namespace bitnet

#endif  // BITNET_KERNELS_SAMPLE_REFERENCE_H_
