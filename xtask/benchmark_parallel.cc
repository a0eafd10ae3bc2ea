#include "xtask/benchmark_parallel.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/engine/batch.h"
#include "xtask/op_times.h"
#include "xtask/random_prompt.h"

namespace bitnet::xtask {

absl::StatusOr<PhaseResult> MeasureParallel(const Session& single, ThreadPool& pool, const GenerateRequest& request,
                                            std::span<const TokenId> alone, const ParallelPlan& plan) {
  const LoadedModel& model = single.model();
  SessionOptions options = single.options();
  options.sequences = plan.sequences;
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Create(model, pool, options));
  BatchRequest batch = {.prompts = {request.prompt},
                        .max_tokens = request.max_tokens,
                        .sampling = request.sampling,
                        .ignore_eos = request.ignore_eos,
                        .reuse_prefixes = false,
                        .cancelled = request.cancelled};
  const int64_t size = static_cast<int64_t>(request.prompt.size());
  for (int64_t i = 1; i < plan.sequences; ++i) {
    batch.prompts.push_back(RandomPrompt(model.tokenizer, size, plan.prompt_seed + static_cast<uint64_t>(i) - 1));
  }
  PhaseResult phase{.test = absl::StrCat("tg", alone.size(), "x", plan.sequences),
                    .n_gen = alone.size(),
                    .n_parallel = static_cast<uint64_t>(plan.sequences),
                    .timed_tokens = static_cast<uint64_t>(plan.sequences) * (alone.size() - 1)};
  std::vector<BatchOutput> first;
  std::vector<std::vector<OpTime>> ops;  // of each repetition
  for (int i = 0; i <= plan.repetitions; ++i) {
    session->Reset();
    BITNET_ASSIGN_OR_RETURN(BatchCompletion completion, GenerateBatch(*session, batch));
    if (completion.interrupted)
      return absl::CancelledError(
          "interrupted while sequences were decoded together; the receipt of the single one was written");
    const std::vector<TokenId>& tokens = completion.outputs[0].tokens;
    if (!std::equal(alone.begin(), alone.end(), tokens.begin(), tokens.end())) {
      return absl::InternalError(absl::StrCat("a sequence decoded beside ", plan.sequences - 1,
                                              " others got other tokens than alone: this machine computes wrongly"));
    }
    if (i == 0) {
      first = std::move(completion.outputs);
      continue;  // warm-up
    }
    if (completion.outputs != first) {
      return absl::InternalError(absl::StrCat("repetition ", i, " of the batch of ", plan.sequences,
                                              " sequences generated other tokens: this machine computes wrongly"));
    }
    phase.samples_ns.push_back(completion.decode_ns);
    ops.push_back(OpTimes(completion.recorded_prefill, completion.recorded, completion.decode_ns));
  }
  const size_t shown = LowerMedian(phase.samples_ns);
  phase.total_ns = phase.samples_ns[shown];
  phase.ops = std::move(ops[shown]);
  return phase;
}

}  // namespace bitnet::xtask
