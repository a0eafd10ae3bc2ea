#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L1IsaTest, EveryCapOnEveryCpu) {
  for (const Isa detected : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Vnni, Isa::kAmxInt8}) {
    for (const Isa cap : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512Vnni}) {
      if (!IsaClosure(detected).Has(cap)) continue;
      HonestRun run;
      run.detected = detected;
      run.isa = cap;
      run.isa_requested = true;
      const CheckResult result = RunCheck(CheckIsa, HonestReceipt(run));
      EXPECT_EQ(result.status, CheckStatus::kPass) << IsaName(detected) << " " << IsaName(cap) << result.reason;
    }
  }
}

TEST(L1IsaTest, NamesTheKernelThatCouldNotRun) {
  HonestRun run;
  run.isa = Isa::kAvx2;
  run.isa_requested = true;
  Receipt receipt = HonestReceipt(run);
  receipt.mutable_evidence()->mutable_kernel_counts(5)->set_id("i2s_gemv_avx512vnni");
  EXPECT_EQ(RunCheck(CheckIsa, receipt).reason,
            "/evidence/kernel_counts/5/id is \"i2s_gemv_avx512vnni\", which needs avx512vnni; expected a kernel for "
            "[scalar,avx2]");
}

TEST(L1IsaTest, ScalarIsEverywhere) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->mutable_host()->clear_isa_used();
  EXPECT_EQ(RunCheck(CheckIsa, receipt).status, CheckStatus::kFail);
}

TEST(L1IsaTest, WithoutACapEverythingIsUsed) {
  HonestRun run;
  run.isa = Isa::kAvx2;  // dispatch was held back, and the summary does not say so
  EXPECT_EQ(RunCheck(CheckIsa, HonestReceipt(run)).status, CheckStatus::kFail);
}

}  // namespace
}  // namespace bitnet::verify
