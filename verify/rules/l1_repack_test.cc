#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L1RepackTest, EveryFormatTellsItsOwnRepack) {
  for (const char* type : {"i2_s", "tq1_0", "tq2_0"}) {
    HonestRun run;
    run.quantization_type = type;
    const CheckResult result = RunCheck(CheckRepack, HonestReceipt(run));
    EXPECT_EQ(result.status, CheckStatus::kPass) << type << ": " << result.reason;
  }
}

TEST(L1RepackTest, AllOfThemAndToTheByte) {
  HonestRun run;
  run.quantization_type = "tq2_0";
  Receipt receipt = HonestReceipt(run);
  auto& repack = *receipt.mutable_evidence()->mutable_repacks(0);
  EXPECT_EQ(repack.tensors(), 210u);
  EXPECT_EQ(repack.bytes(), 521'011'200u);
  repack.set_tensors(211);
  EXPECT_EQ(RunCheck(CheckRepack, receipt).reason, "/evidence/repacks/0/tensors is 211; expected 210, 7 a layer");
  repack.set_tensors(210);
  repack.set_ns(receipt.evidence().timing().load_ns() + 1);
  EXPECT_EQ(RunCheck(CheckRepack, receipt).status, CheckStatus::kFail);
}

}  // namespace
}  // namespace bitnet::verify
