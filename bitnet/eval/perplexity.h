// Perplexity of a model on a text.

#ifndef BITNET_EVAL_PERPLEXITY_H_
#define BITNET_EVAL_PERPLEXITY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "bitnet/engine/session.h"
#include "bitnet/eval/block_interval.h"
#include "bitnet/eval/windows.h"

namespace bitnet {

struct PerplexityResult {
  size_t windows = 0;
  size_t fed = 0;      // rows that went through the model
  size_t scored = 0;   // of them, whose prediction counts
  size_t context = 0;  // of them, that only were context: fed - scored
  uint64_t bytes = 0;  // of text that the scored tokens stand for; control tokens stand for none
  double nll = 0;      // mean of -log p, nats per token
  double perplexity = 0;
  std::optional<BlockInterval> nll_interval;  // 95 %
  std::vector<double> token_nll;              // [scored], in the order of the text
};

// After each window: windows done, windows in all, mean nll so far.
using PerplexityProgress = absl::FunctionRef<void(size_t done, size_t total, double nll)>;

// Scores `text` (token ids without bos) in the first `max_windows` of its windows. The session's capacity holds a
// window; its sequence is forgotten. Equal bits for every instruction set, thread count and prefill chunk.
// InvalidArgument as PlanWindows, or when bos is wanted and the model has none; Cancelled; DataLoss when the
// perplexity is beyond binary64.
absl::StatusOr<PerplexityResult> ComputePerplexity(Session& session, std::span<const TokenId> text,
                                                   const WindowOptions& options, size_t max_windows,
                                                   const std::atomic<bool>* cancelled, PerplexityProgress progress);

}  // namespace bitnet

#endif  // BITNET_EVAL_PERPLEXITY_H_
