#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L1KatTest, OneDigestForEveryInstructionSet) {
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512Vnni}) {
    HonestRun run;
    run.isa = run.detected = isa;
    EXPECT_EQ(RunCheck(CheckKat, HonestReceipt(run)).status, CheckStatus::kPass) << IsaName(isa);
  }
}

TEST(L1KatTest, OtherAnswersAreOtherArithmetic) {
  Receipt receipt = HonestReceipt(HonestRun{});
  std::string digest = receipt.evidence().build().kat_digest();
  digest.back() = digest.back() == '0' ? '1' : '0';
  receipt.mutable_evidence()->mutable_build()->set_kat_digest(digest);
  const CheckResult result = RunCheck(CheckKat, receipt);
  EXPECT_EQ(result.status, CheckStatus::kFail);
  EXPECT_NE(result.reason.find(digest), std::string::npos) << result.reason;
  receipt.mutable_evidence()->mutable_build()->clear_kat_digest();
  EXPECT_EQ(RunCheck(CheckKat, receipt).status, CheckStatus::kMissing);
}

}  // namespace
}  // namespace bitnet::verify
