#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

CheckResult AfterTokens(uint64_t requested, uint64_t generated) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.set_tokens_requested(requested);
  receipt.set_tokens_generated(generated);
  return RunCheck(CheckTokens, receipt);
}

TEST(L1TokensTest, TheLastTokenIsNeverFed) {
  const CheckResult result = RunCheck(CheckTokens, HonestReceipt(HonestRun{}));
  EXPECT_EQ(result.status, CheckStatus::kPass);
  EXPECT_EQ(result.reason, "512 prompt tokens are 512 prefill rows (0 reused), 128 generated are 127 decode rows");
}

TEST(L1TokensTest, LegacyNumbersFollowTheEvidence) {
  EXPECT_EQ(AfterTokens(128, 128).status, CheckStatus::kPass);
  EXPECT_EQ(AfterTokens(127, 128).status, CheckStatus::kFail);
  EXPECT_EQ(AfterTokens(129, 128).status, CheckStatus::kFail);  // "length" ends exactly where it was asked to
  EXPECT_EQ(AfterTokens(128, 127).status, CheckStatus::kFail);
}

TEST(L1TokensTest, EarlyEndsMayAskForMore) {
  for (const char* finish : {"eos", "stop"}) {
    HonestRun run;
    run.finish_reason = finish;
    run.generated = 5;
    EXPECT_EQ(RunCheck(CheckTokens, HonestReceipt(run)).status, CheckStatus::kPass) << finish;
  }
}

TEST(L1TokensTest, LogitsOfThePromptAreAllOrOne) {
  HonestRun run;
  run.chunk = 64;
  run.all_prefill_logits = true;
  Receipt receipt = HonestReceipt(run);
  EXPECT_EQ(RunCheck(CheckTokens, receipt).status, CheckStatus::kPass);
  receipt.mutable_evidence()->mutable_schedule(0)->set_logit_rows(63);
  EXPECT_EQ(RunCheck(CheckTokens, receipt).status, CheckStatus::kFail);
}

TEST(L1TokensTest, ReusedTokensAreNotRows) {
  HonestRun run;
  run.kv_reused = 500;
  Receipt receipt = HonestReceipt(run);
  EXPECT_EQ(RunCheck(CheckTokens, receipt).status, CheckStatus::kPass);
  receipt.mutable_evidence()->mutable_tokens()->set_kv_reused(0);
  EXPECT_EQ(RunCheck(CheckTokens, receipt).reason,
            "prefill rows of /evidence/schedule is 12; expected 512, prompt - kv_reused");
}

TEST(L1TokensTest, DigestsAreOfSomething) {
  const std::string kNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  for (const std::string& digest : {kNothing, std::string(64, '0'), std::string(63, 'a'), std::string()}) {
    Receipt receipt = HonestReceipt(HonestRun{});
    receipt.mutable_evidence()->mutable_tokens()->set_prompt_ids_digest(digest);
    EXPECT_EQ(RunCheck(CheckTokens, receipt).status, CheckStatus::kFail) << digest;
  }
}

TEST(L1TokensTest, AsManyIdsMayBeTheSame) {
  for (const uint64_t prompt : {128, 512}) {
    HonestRun run;
    run.prompt = prompt;
    run.generated = run.requested = 128;
    Receipt receipt = HonestReceipt(run);
    auto& tokens = *receipt.mutable_evidence()->mutable_tokens();
    tokens.set_output_ids_digest(tokens.prompt_ids_digest());
    EXPECT_EQ(RunCheck(CheckTokens, receipt).status, prompt == 128 ? CheckStatus::kPass : CheckStatus::kFail);
  }
}

}  // namespace
}  // namespace bitnet::verify
