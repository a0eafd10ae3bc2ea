#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

// 2 084 044 800 ternary weights.
TEST(L1ModelTest, AFileHoldsItsTernaryWeights) {
  const std::pair<const char*, uint64_t> kLeast[] = {
      {"i2_s", 521'011'200},  {"i2_s_64", 521'011'200}, {"tl1", 521'011'200},  {"tl2", 434'176'000},
      {"tq1_0", 439'603'200}, {"tq2_0", 537'292'800},   {"q2_0", 586'137'600}, {"q1_0", 293'068'800},
      {"i2s_32", 651'264'000}, {"qk256", 521'011'200}};
  for (const auto& [type, least] : kLeast) {
    HonestRun run;
    run.quantization_type = type;
    Receipt receipt = HonestReceipt(run);
    auto& model = *receipt.mutable_evidence()->mutable_model();
    model.set_file_bytes(least);
    EXPECT_EQ(RunCheck(CheckModel, receipt).status, CheckStatus::kPass) << type;
    model.set_file_bytes(least - 1);
    EXPECT_EQ(RunCheck(CheckModel, receipt).status, CheckStatus::kFail) << type;
  }
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_model_info()->set_quantization_type("q4_0");
  EXPECT_EQ(RunCheck(CheckModel, receipt).status, CheckStatus::kFail);
}

TEST(L1ModelTest, FormsOfADigest) {
  const std::string digest(64, 'a');
  const std::pair<std::string, CheckStatus> kForms[] = {{digest, CheckStatus::kPass},
                                                        {digest.substr(1), CheckStatus::kFail},
                                                        {digest + "a", CheckStatus::kFail},
                                                        {std::string(64, 'A'), CheckStatus::kFail},
                                                        {std::string(64, 'g'), CheckStatus::kFail},
                                                        {"sha256:" + digest, CheckStatus::kFail},
                                                        {"", CheckStatus::kFail}};
  for (const auto& [form, expected] : kForms) {
    Receipt receipt = HonestReceipt(HonestRun{});
    receipt.mutable_evidence()->mutable_model()->set_tensor_root(form);
    EXPECT_EQ(RunCheck(CheckModel, receipt).status, expected) << form;
  }
}

TEST(L1ModelTest, FormsOfAFloat) {
  for (const char* form : {"f32:3727c5ac", "f32:00000001"}) {
    Receipt receipt = HonestReceipt(HonestRun{});
    receipt.mutable_evidence()->mutable_model()->mutable_arch()->set_rms_eps_bits(form);
    EXPECT_EQ(RunCheck(CheckModel, receipt).status, CheckStatus::kPass) << form;
  }
  for (const char* form : {"1e-5", "f32:3727C5AC", "f32:3727c5a", "f64:3727c5ac", "f32:7f800000", "f32:00000000",
                           "f32:b727c5ac", "f32:0x27c5ac"}) {
    Receipt receipt = HonestReceipt(HonestRun{});
    receipt.mutable_evidence()->mutable_model()->mutable_arch()->set_rms_eps_bits(form);
    EXPECT_EQ(RunCheck(CheckModel, receipt).status, CheckStatus::kFail) << form;
  }
}

}  // namespace
}  // namespace bitnet::verify
