#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

CheckStatus StatusOf(uint64_t count, bool terminal, const char* finish) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->mutable_tokens()->set_eos_count(count);
  receipt.mutable_evidence()->mutable_tokens()->set_terminal_eos(terminal);
  receipt.mutable_evidence()->mutable_outcome()->set_finish_reason(finish);
  return RunCheck(CheckEos, receipt).status;
}

TEST(L1EosTest, EveryCombination) {
  for (const uint64_t count : {0, 1, 2}) {
    for (const bool terminal : {false, true}) {
      for (const std::string finish : {"length", "eos", "stop", "", "error", "interrupted", "EOS"}) {
        const bool honest = (finish == "eos" && terminal && count == 1) ||
                            ((finish == "length" || finish == "stop") && !terminal && count == 0);
        EXPECT_EQ(StatusOf(count, terminal, finish.c_str()), honest ? CheckStatus::kPass : CheckStatus::kFail)
            << count << " " << terminal << " " << finish;
      }
    }
  }
}

TEST(L1EosTest, WhatIsMaskedCannotEndTheRun) {
  HonestRun run;
  run.finish_reason = "eos";
  Receipt receipt = HonestReceipt(run);
  EXPECT_EQ(RunCheck(CheckEos, receipt).status, CheckStatus::kPass);
  receipt.mutable_evidence()->mutable_sampling()->set_eog_masked(true);
  EXPECT_EQ(RunCheck(CheckEos, receipt).status, CheckStatus::kFail);
  receipt.mutable_evidence()->mutable_sampling()->clear_eog_masked();
  EXPECT_EQ(RunCheck(CheckEos, receipt).status, CheckStatus::kMissing);
}

}  // namespace
}  // namespace bitnet::verify
