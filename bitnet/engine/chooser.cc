#include "bitnet/engine/chooser.h"

#include <algorithm>

#include "bitnet/engine/committer.h"
#include "bitnet/kernels/sample/sample.h"

namespace bitnet {

LogitsKept LogitsThatMatter(const Tokenizer& tokenizer, const SamplingParams& sampling, bool ignore_eos) {
  const CandidateBound bound = BoundCandidates(sampling);
  if (bound.largest == 0) return {};
  const size_t masked = ignore_eos ? tokenizer.end_of_generation_ids().size() : 0;
  return {.largest = std::max<int64_t>(2, bound.largest + static_cast<int64_t>(masked)), .within = bound.within};
}

Chooser::Chooser(Session& session, const SamplingParams& sampling, bool ignore_eos, std::span<const TokenId> prompt,
                 int64_t max_tokens)
    : session_(session), sampler_(sampling), ignore_eos_(ignore_eos), history_(prompt.begin(), prompt.end()) {
  history_.reserve(history_.size() + static_cast<size_t>(max_tokens));
}

TokenId Chooser::Next(int64_t row) {
  KernelContext& context = session_.context();
  Committer* const committer = session_.committer();
  const TopTwo top = committer == nullptr ? TopTwo() : TopTwoOf(session_.logits(row));  // before anything is masked
  if (ignore_eos_) session_.MaskLogits(row, session_.model().tokenizer.end_of_generation_ids());
  const TokenId id = sampler_.params().IsArgmax()
                         ? Argmax(context, session_.logits(row))
                         : Sample(context, sampler_, session_.logits(row), history_, history_.size());
  if (committer != nullptr) committer->OnChoice(session_.PositionOfRow(row), top, id);
  history_.push_back(id);
  return id;
}

}  // namespace bitnet
