// PromptLookup: guesses the next tokens of a sequence from the sequence itself.
//
// Text that is quoted, edited or listed repeats what came before it. The longest run of tokens that ends the sequence
// is looked for earlier in it, and what followed there is proposed: no second model, no training, microseconds. The
// model verifies all proposed tokens in one pass (Session::DecodeRows), so a wrong guess costs time and never a token.
//
// What that time may be is bounded by an account in rows. It begins with two, every kTokensPerRow tokens add one, an
// accepted row adds one, a rejected row takes one, and a draft is never longer than what the account holds. With T
// tokens of which A were drafted, T - A passes were made, and at most 2 + A + T / kTokensPerRow rows rejected. If a
// further row costs c of a pass, the time is at most
//   T - A + c (A + 2 + A + T / kTokensPerRow) <= T + c (2 + T / kTokensPerRow)   for c <= 1/2.
// The account depends on tokens alone, so equal runs draft alike.

#ifndef BITNET_ENGINE_PROMPT_LOOKUP_H_
#define BITNET_ENGINE_PROMPT_LOOKUP_H_

#include <cstdint>
#include <span>
#include <vector>

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

  static constexpr int64_t kTokensPerRow = 32;

 private:
  const int64_t max_draft_;
  int64_t length_;       // of the next draft, at most: twice the last if that was right, what was right if it was not
  int64_t account_ = 2;  // rows
  int64_t tokens_ = 0;   // since the account was last added to
  std::vector<TokenId> draft_;
};

}  // namespace bitnet

#endif  // BITNET_ENGINE_PROMPT_LOOKUP_H_
