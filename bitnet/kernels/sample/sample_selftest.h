// The checks behind ArgmaxSelfTest and SampleSelfTest, for any function: tests show that they catch broken ones.

#ifndef BITNET_KERNELS_SAMPLE_SAMPLE_SELFTEST_H_
#define BITNET_KERNELS_SAMPLE_SAMPLE_SELFTEST_H_

#include <cstdint>
#include <span>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/sample/argmax_kernels.h"
#include "bitnet/sampling/sampling_params.h"

namespace bitnet {

// Both compare with the reference; errors name `kernel`.
absl::StatusOr<Digest> CheckArgmax(KernelId kernel, ArgmaxFn fn);

using SampleFn = absl::FunctionRef<int32_t(const SamplingParams& params, std::span<const float> logits,
                                           std::span<const int32_t> history, uint64_t position)>;
absl::StatusOr<Digest> CheckSample(KernelId kernel, SampleFn fn);

}  // namespace bitnet

#endif  // BITNET_KERNELS_SAMPLE_SAMPLE_SELFTEST_H_
