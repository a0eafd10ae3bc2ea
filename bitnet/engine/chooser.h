// Chooser: the next token, from the session's logits. Position and history make the choice a pure function of the
// sequence, whichever pass computed the logits.

#ifndef BITNET_ENGINE_CHOOSER_H_
#define BITNET_ENGINE_CHOOSER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "bitnet/engine/session.h"
#include "bitnet/kernels/head/screen.h"
#include "bitnet/sampling/sampler.h"
#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet {

// Which logits choices by `sampling` look at. Masked tokens are among the largest at worst, and a commitment has the
// two largest of every row.
LogitsKept LogitsThatMatter(const Tokenizer& tokenizer, const SamplingParams& sampling, bool ignore_eos);

// Not thread-safe. The session outlives it.
class Chooser {
 public:
  // With `ignore_eos`, end-of-generation tokens are no candidates. Up to `max_tokens` choices cost no allocation.
  Chooser(Session& session, const SamplingParams& sampling, bool ignore_eos, std::span<const TokenId> prompt,
          int64_t max_tokens);

  // Chooses from row `row` of the session's last pass, and tells its committer, if there is one.
  TokenId Next(int64_t row);

  // The prompt, and every token chosen.
  std::span<const TokenId> history() const { return history_; }

 private:
  Session& session_;
  const Sampler sampler_;
  const bool ignore_eos_;
  std::vector<TokenId> history_;
};

}  // namespace bitnet

#endif  // BITNET_ENGINE_CHOOSER_H_
