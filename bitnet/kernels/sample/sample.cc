#include "bitnet/kernels/sample/sample.h"

#include "absl/log/check.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/sample/argmax_kernels.h"
#include "bitnet/kernels/sample/sample_selftest.h"

namespace bitnet {

int32_t Argmax(KernelContext& ctx, std::span<const float> logits) {
  CHECK(!logits.empty());
  const KernelId kernel = SelectKernel(Op::kArgmax, 1, ctx.isa);
  const ArgmaxFn fn = FindArgmaxFn(kernel);
  int64_t token = -1;
  ctx.Dispatch(kernel, RowWork(1), 1, 1,
               [&](int64_t, int64_t) { token = fn(logits.data(), static_cast<int64_t>(logits.size())); });
  CHECK_GE(token, 0) << "a logit is NaN";
  return static_cast<int32_t>(token);
}

int32_t Sample(KernelContext& ctx, const Sampler& sampler, std::span<const float> logits,
               std::span<const int32_t> history, uint64_t position) {
  int32_t token = -1;
  ctx.Dispatch(SelectKernel(Op::kSample, 1, ctx.isa), RowWork(1), 1, 1,
               [&](int64_t, int64_t) { token = sampler.Sample(logits, history, position); });
  return token;
}

absl::StatusOr<Digest> ArgmaxSelfTest(KernelId kernel) { return CheckArgmax(kernel, FindArgmaxFn(kernel)); }

absl::StatusOr<Digest> SampleSelfTest(KernelId kernel) {
  CHECK(kernel == KernelId::kSampleF32Scalar) << GetKernel(kernel).id;
  return CheckSample(kernel,
                     [](const SamplingParams& params, std::span<const float> logits, std::span<const int32_t> history,
                        uint64_t position) { return Sampler(params).Sample(logits, history, position); });
}

}  // namespace bitnet
