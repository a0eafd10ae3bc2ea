#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

CheckStatus StatusOf(uint64_t total, uint64_t passed, uint64_t failed) {
  Receipt receipt;
  receipt.mutable_test_results()->set_total_tests(total);
  receipt.mutable_test_results()->set_passed(passed);
  receipt.mutable_test_results()->set_failed(failed);
  return RunCheck(CheckTests, receipt).status;
}

TEST(L1TestsTest, EveryOnePassed) {
  EXPECT_EQ(StatusOf(40, 40, 0), CheckStatus::kPass);
  EXPECT_EQ(StatusOf(40, 39, 1), CheckStatus::kFail);
  EXPECT_EQ(StatusOf(40, 39, 0), CheckStatus::kFail);
  EXPECT_EQ(StatusOf(40, 40, 1), CheckStatus::kFail);
  EXPECT_EQ(StatusOf(0, 40, 0), CheckStatus::kFail);
}

TEST(L1TestsTest, AbsenceIsNoSuccess) { EXPECT_EQ(RunCheck(CheckTests, Receipt()).status, CheckStatus::kMissing); }

}  // namespace
}  // namespace bitnet::verify
