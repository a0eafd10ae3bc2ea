// DraftAccount: how many tokens a run may draft for its next pass, as its passes so far allow.
//
// A drafted token that is not what the model chooses costs a row that is thrown away. What such rows may cost is
// bounded by an account in rows. It begins with two, every kTokensPerRow tokens add one, an accepted row adds one, a
// rejected row takes one, and no more than kLargest are kept: text that repeated itself may stop. A draft is never
// longer than what the account holds, than twice the last one if that was right throughout, or than what was right of
// it if it was not.
//
// With T tokens of which A were drafted, T - A passes were made, and at most 2 + A + T / kTokensPerRow rows rejected.
// If a further row costs c of a pass, the time is at most
//   T - A + c (A + 2 + A + T / kTokensPerRow) <= T + c (2 + T / kTokensPerRow)   for c <= 1/2.
//
// It depends on rows and kept rows alone, which a receipt lists: the engine drafts by it, and the auditor follows it
// through the schedule (RS-115).

#ifndef BITNET_KERNELS_CATALOG_DRAFT_ACCOUNT_H_
#define BITNET_KERNELS_CATALOG_DRAFT_ACCOUNT_H_

#include <cstdint>

namespace bitnet {

class DraftAccount {
 public:
  // Never more than `max_draft` tokens at once; 0: none, ever.
  explicit DraftAccount(uint64_t max_draft) : max_draft_(max_draft), length_(max_draft) {}

  // The most tokens that the next pass may draft.
  uint64_t Limit() const { return length_ < account_ ? length_ : account_; }

  // `passes` equal passes were made, of `rows` rows each, drafted ones after the first, `kept` of which stayed: as many
  // tokens were chosen. 1 <= kept <= rows <= Limit() + 1; several at once only with kept == rows, after which Limit()
  // is at least rows - 1 again.
  void OnPasses(uint64_t passes, uint64_t rows, uint64_t kept);

  static constexpr uint64_t kTokensPerRow = 32;
  static constexpr uint64_t kLargest = 16;

 private:
  const uint64_t max_draft_;
  uint64_t length_;       // of the next draft, at most
  uint64_t account_ = 2;  // rows
  uint64_t tokens_ = 0;   // since the account was last added to
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_CATALOG_DRAFT_ACCOUNT_H_
