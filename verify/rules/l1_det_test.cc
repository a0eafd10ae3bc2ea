#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

Receipt Sampled() {
  HonestRun run;
  run.greedy = false;
  return HonestReceipt(run);
}

CheckStatus WithBits(const char* member, const char* bits) {
  Receipt receipt = Sampled();
  auto& sampling = *receipt.mutable_evidence()->mutable_sampling();
  sampling.GetReflection()->SetString(&sampling, sampling.GetDescriptor()->FindFieldByName(member), bits);
  return RunCheck(CheckDet, receipt).status;
}

TEST(L1DetTest, GreedyAndSeededAreDeterministic) {
  EXPECT_EQ(RunCheck(CheckDet, HonestReceipt(HonestRun{})).status, CheckStatus::kPass);
  EXPECT_EQ(RunCheck(CheckDet, Sampled()).reason, "sampled by philox4x32-10 from seed 42");
}

TEST(L1DetTest, RangesOfTheParameters) {
  const CheckStatus pass = CheckStatus::kPass;
  const CheckStatus fail = CheckStatus::kFail;
  EXPECT_EQ(WithBits("temperature_bits", "f32:00000000"), pass);  // argmax of penalised logits
  EXPECT_EQ(WithBits("temperature_bits", "f32:7f7fffff"), pass);
  EXPECT_EQ(WithBits("temperature_bits", "f32:7f800000"), fail);
  EXPECT_EQ(WithBits("temperature_bits", "f32:80000001"), fail);
  EXPECT_EQ(WithBits("top_p_bits", "f32:3f800000"), pass);
  EXPECT_EQ(WithBits("top_p_bits", "f32:3f800001"), fail);
  EXPECT_EQ(WithBits("top_p_bits", "f32:00000001"), pass);
  EXPECT_EQ(WithBits("min_p_bits", "f32:3f800000"), pass);
  EXPECT_EQ(WithBits("min_p_bits", "f32:3f800001"), fail);
  EXPECT_EQ(WithBits("repetition_penalty_bits", "f32:00000000"), fail);
  EXPECT_EQ(WithBits("repetition_penalty_bits", "f32:3f8ccccd"), pass);
  EXPECT_EQ(WithBits("repetition_penalty_bits", "1.1"), fail);
}

TEST(L1DetTest, WithoutASeedNothingIsOnRecord) {
  Receipt receipt = Sampled();
  receipt.mutable_evidence()->mutable_sampling()->clear_seed();
  EXPECT_EQ(RunCheck(CheckDet, receipt).status, CheckStatus::kMissing);
}

}  // namespace
}  // namespace bitnet::verify
