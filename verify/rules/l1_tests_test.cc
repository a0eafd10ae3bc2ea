#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

CheckStatus StatusOf(uint64_t total, uint64_t passed, uint64_t failed) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_test_results()->set_total_tests(total);
  receipt.mutable_test_results()->set_passed(passed);
  receipt.mutable_test_results()->set_failed(failed);
  return RunCheck(CheckTests, receipt).status;
}

// Thirteen ops compute; ternary matmul has a kernel for one row and one for more.
TEST(L1TestsTest, EveryOnePassed) {
  EXPECT_EQ(StatusOf(15, 15, 0), CheckStatus::kFail);
  EXPECT_EQ(StatusOf(0, 0, 0), CheckStatus::kFail);
  EXPECT_EQ(StatusOf(14, 14, 0), CheckStatus::kPass);
  EXPECT_EQ(StatusOf(14, 12, 1), CheckStatus::kFail);
  EXPECT_EQ(StatusOf(14, 12, 0), CheckStatus::kFail);
  EXPECT_EQ(StatusOf(14, 14, 1), CheckStatus::kFail);
  EXPECT_EQ(StatusOf(0, 14, 0), CheckStatus::kFail);
}

TEST(L1TestsTest, AbsenceIsNoSuccess) { EXPECT_EQ(RunCheck(CheckTests, Receipt()).status, CheckStatus::kMissing); }

}  // namespace
}  // namespace bitnet::verify
