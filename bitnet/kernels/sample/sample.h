// Argmax and Sample: the choice of the next token, as recorded ops.

#ifndef BITNET_KERNELS_SAMPLE_SAMPLE_H_
#define BITNET_KERNELS_SAMPLE_SAMPLE_H_

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/context.h"
#include "bitnet/sampling/sampler.h"

namespace bitnet {

// The index of the largest logit, the lowest one of equals. At least one logit, none NaN (CHECKed). Work: RowWork(1).
// Runs on the calling thread: reading 128256 floats takes no longer than waking a worker and joining its answer.
int32_t Argmax(KernelContext& ctx, std::span<const float> logits);

// sampler.Sample(logits, history, position). Work: RowWork(1).
int32_t Sample(KernelContext& ctx, const Sampler& sampler, std::span<const float> logits,
               std::span<const int32_t> history, uint64_t position);

// Run `kernel` on fixed vectors and compare with the plain answer. The digest of the answers is the same for every
// kernel. InternalError names the kernel, the case, the token expected and the one got.
absl::StatusOr<Digest> ArgmaxSelfTest(KernelId kernel);
absl::StatusOr<Digest> SampleSelfTest(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_SAMPLE_SAMPLE_H_
