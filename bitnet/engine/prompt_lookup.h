// PromptLookup: guesses the next tokens of a sequence from the sequence itself.
//
// Text that is quoted, edited or listed repeats what came before it. The longest run of tokens that ends the sequence
// is looked for earlier in it, and what followed there is proposed: no second model, no training, microseconds. The
// model verifies all proposed tokens in one pass (Session::DecodeRows), so a wrong guess costs time and never a token.
// What that time may be is bounded by an account (DraftAccount), which depends on tokens alone: equal runs draft alike.

#ifndef BITNET_ENGINE_PROMPT_LOOKUP_H_
#define BITNET_ENGINE_PROMPT_LOOKUP_H_

#include <cstdint>
#include <span>
#include <vector>

#include "bitnet/kernels/catalog/draft_account.h"
#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet {

// Not thread-safe.
class PromptLookup {
 public:
  // Drafts up to `max_draft` tokens at once; 0: none, ever.
  explicit PromptLookup(int64_t max_draft);

  // What may follow `history`, which ends with the token chosen last: at most `limit` tokens, none when nothing is
  // found or the account is empty. Valid until the next call.
  std::span<const TokenId> Draft(std::span<const TokenId> history, int64_t limit);

  // A pass of `rows` rows, drafted ones after the first, was made, and `kept` of them stayed: as many tokens were
  // chosen.
  void OnPass(int64_t rows, int64_t kept);

 private:
  DraftAccount account_;
  std::vector<TokenId> draft_;
};

}  // namespace bitnet

#endif  // BITNET_ENGINE_PROMPT_LOOKUP_H_
