#include <functional>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_commitment.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

CheckStatus Check(const Receipt& receipt, const Artifacts& artifacts, const Policy& policy = {}) {
  return RunCheck(CheckModelFile, receipt, policy, artifacts).status;
}

TEST(L2ModelTest, TheFileGivenIsTheFileNamed) {
  const Receipt receipt = HonestReceipt({});
  EXPECT_EQ(Check(receipt, HonestArtifacts(receipt)), CheckStatus::kPass);
}

TEST(L2ModelTest, EveryDigestCounts) {
  const Receipt receipt = HonestReceipt({});
  const std::string other(64, 'a');
  const std::function<void(ModelArtifact&)> kEdits[] = {
      [&](ModelArtifact& m) { m.file_sha256 = other; },    [&](ModelArtifact& m) { m.tensor_root = other; },
      [&](ModelArtifact& m) { m.ternary_digest = other; }, [&](ModelArtifact& m) { m.tokenizer_sha256 = other; },
      [](ModelArtifact& m) { ++m.file_bytes; },            [](ModelArtifact& m) { --m.file_bytes; },
      [](ModelArtifact& m) { ++m.n_tensors; },             [](ModelArtifact& m) { --m.n_tensors; }};
  for (const auto& edit : kEdits) {
    Artifacts artifacts = HonestArtifacts(receipt);
    edit(*artifacts.model);
    EXPECT_EQ(Check(receipt, artifacts), CheckStatus::kFail);
  }
}

TEST(L2ModelTest, WithoutAFileThePolicyMustKnowIt) {
  const Receipt receipt = HonestReceipt({});
  EXPECT_EQ(Check(receipt, {}), CheckStatus::kMissing);
  Policy policy;
  policy.allowed_models = {std::string(64, 'a')};
  EXPECT_EQ(Check(receipt, {}, policy), CheckStatus::kFail);
  EXPECT_EQ(Check(receipt, HonestArtifacts(receipt), policy), CheckStatus::kFail);
  policy.allowed_models.push_back(receipt.evidence().model().file_sha256());
  EXPECT_EQ(Check(receipt, {}, policy), CheckStatus::kPass);
  Receipt unnamed = receipt;
  unnamed.mutable_evidence()->mutable_model()->clear_file_sha256();
  EXPECT_EQ(Check(unnamed, {}, policy), CheckStatus::kMissing);
}

}  // namespace
}  // namespace bitnet::verify
