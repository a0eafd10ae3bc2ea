#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L2TraceTest, ATraceMustBeThere) {
  HonestRun run;
  EXPECT_EQ(RunCheck(CheckCommitted, HonestReceipt(run)).status, CheckStatus::kMissing);
  run.trace = true;
  EXPECT_EQ(RunCheck(CheckCommitted, HonestReceipt(run)).status, CheckStatus::kPass);
}

TEST(L2TraceTest, OfSomething) {
  HonestRun run;
  run.trace = true;
  Receipt receipt = HonestReceipt(run);
  receipt.mutable_evidence()->mutable_trace()->set_size(0);
  EXPECT_EQ(RunCheck(CheckCommitted, receipt).status, CheckStatus::kFail);
  receipt = HonestReceipt(run);
  receipt.mutable_evidence()->mutable_trace()->set_numerics_root("");
  EXPECT_EQ(RunCheck(CheckCommitted, receipt).status, CheckStatus::kFail);
}

}  // namespace
}  // namespace bitnet::verify
