#include <cmath>
#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L1TpsTest, OneUnitInTheLastPlaceIsAnotherNumber) {
  Receipt receipt = HonestReceipt(HonestRun{});
  const double honest = receipt.tokens_per_second();
  EXPECT_EQ(RunCheck(CheckTps, receipt).status, CheckStatus::kPass);
  for (const double towards : {0.0, 1e9}) {
    receipt.set_tokens_per_second(std::nextafter(honest, towards));
    const CheckResult result = RunCheck(CheckTps, receipt);
    EXPECT_EQ(result.status, CheckStatus::kFail);
    EXPECT_NE(result.reason.find("expected exactly"), std::string::npos) << result.reason;
  }
}

TEST(L1TpsTest, OneTokenIsNotMeasured) {
  HonestRun run;
  run.generated = run.requested = 1;
  Receipt receipt = HonestReceipt(run);
  EXPECT_EQ(RunCheck(CheckTps, receipt).status, CheckStatus::kNotMeasured);
  receipt.set_tokens_per_second(-0.0);
  EXPECT_NE(RunCheck(CheckTps, receipt).status, CheckStatus::kPass);
  receipt.set_tokens_per_second(1);
  EXPECT_EQ(RunCheck(CheckTps, receipt).status, CheckStatus::kFail);
}

TEST(L1TpsTest, ATwoTokenRunHasOneInterval) {
  HonestRun run;
  run.generated = run.requested = 2;
  Receipt receipt = HonestReceipt(run);
  EXPECT_EQ(RunCheck(CheckTps, receipt).status, CheckStatus::kPass);
  EXPECT_EQ(receipt.tokens_per_second(), 1e9 / static_cast<double>(receipt.evidence().timing().decode_ns()));
}

TEST(L1TpsTest, NoTimeIsNoSpeed) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->mutable_timing()->set_decode_ns(0);
  receipt.mutable_evidence()->mutable_perf()->set_decode_tps_den_ns(0);
  EXPECT_EQ(RunCheck(CheckTps, receipt).status, CheckStatus::kFail);
}

}  // namespace
}  // namespace bitnet::verify
