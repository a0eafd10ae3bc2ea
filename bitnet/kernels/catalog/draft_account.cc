#include "bitnet/kernels/catalog/draft_account.h"

#include <algorithm>

#include "absl/log/check.h"

namespace bitnet {

void DraftAccount::OnPasses(uint64_t passes, uint64_t rows, uint64_t kept) {
  CHECK(kept >= 1 && kept <= rows && rows - 1 <= Limit());
  CHECK(passes == 1 || kept == rows);
  const uint64_t drafted = rows - 1;
  const uint64_t accepted = kept - 1;
  if (drafted > 0) {
    length_ = accepted == drafted ? std::min(2 * drafted, max_draft_) : std::max<uint64_t>(1, accepted);
  }
  // So many passes fill the account by their tokens alone; further ones matter for the remainder only.
  constexpr uint64_t kFull = kLargest * kTokensPerRow;
  const uint64_t counted = passes <= kFull ? passes : kFull + (passes - kFull) % kTokensPerRow;
  tokens_ += counted * kept;
  account_ += counted * accepted + tokens_ / kTokensPerRow;
  account_ -= drafted - accepted;
  tokens_ %= kTokensPerRow;
  account_ = std::min(account_, kLargest);
}

}  // namespace bitnet
