#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L1ModelTest, AFileHoldsAtLeastTheTightestPacking) {
  Receipt receipt = HonestReceipt(HonestRun{});
  auto& model = *receipt.mutable_evidence()->mutable_model();
  model.set_file_bytes(439'603'200);  // 2 084 044 800 weights x 27 / 128
  EXPECT_EQ(RunCheck(CheckModel, receipt).status, CheckStatus::kPass);
  model.set_file_bytes(439'603'199);
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
