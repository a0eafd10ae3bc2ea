// Ten thousand deletions; `./bazelw run //verify/testing:try_deletions` tries as many as it is told.

#include <iostream>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "verify/testing/deletions.h"

namespace bitnet::verify {
namespace {

TEST(DeletionTest, NothingIsGainedByLeavingSomethingOut) {
  constexpr uint64_t kCases = 10'000;
  const DeletionTally tally = TryDeletions(kCases);
  EXPECT_EQ(tally.cases, kCases);
  EXPECT_GE(tally.receipts, 400u);
  EXPECT_GE(tally.known, 100'000u) << "as many as are tried on demand";
  EXPECT_TRUE(tally.violations.empty()) << absl::StrJoin(tally.violations, "\n");
  // Deletions of every kind were among them: some repair what was added, most break something.
  EXPECT_GT(tally.accepted, 0u);
  EXPECT_GT(tally.malformed, 0u);
  EXPECT_GT(tally.rejected, kCases / 4);
  EXPECT_GT(tally.unverifiable, 0u);
  std::cout << tally.cases << " of " << tally.known << " deletions in " << tally.receipts
            << " texts: " << tally.rejected << " REJECT, " << tally.unverifiable << " UNVERIFIABLE, " << tally.malformed
            << " MALFORMED, " << tally.accepted << " ACCEPT, all of them honest\n";
}

}  // namespace
}  // namespace bitnet::verify
