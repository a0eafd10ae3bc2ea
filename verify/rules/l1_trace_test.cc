#include <functional>
#include <utility>

#include "bitnet/base/sha256.h"
#include "bitnet/commitment/session_digest.h"
#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Evidence;
using receipt::Receipt;

void BindAgain(Receipt& receipt) {
  receipt.mutable_evidence()->mutable_trace()->set_session(ToHex(SessionDigest(receipt)));
}

HonestRun Traced() {
  HonestRun run;
  run.trace = true;
  return run;
}

TEST(L1TraceTest, HonestTracesPass) {
  HonestRun run = Traced();
  EXPECT_EQ(RunCheck(CheckTrace, HonestReceipt(run)).status, CheckStatus::kPass);
  run.kv_reused = 96;
  run.generated = run.requested = 1;
  EXPECT_EQ(RunCheck(CheckTrace, HonestReceipt(run)).status, CheckStatus::kPass);
}

TEST(L1TraceTest, WithoutATraceItHasNothingToSay) {
  EXPECT_EQ(RunCheck(CheckTrace, HonestReceipt({})).status, CheckStatus::kNotApplicable);
}

TEST(L1TraceTest, EveryMemberIsHeld) {
  const std::pair<const char*, std::function<void(Evidence::Trace&)>> kEdits[] = {
      {"alg", [](Evidence::Trace& t) { t.set_alg("sha256"); }},
      {"density", [](Evidence::Trace& t) { t.set_density("t2"); }},
      {"open", [](Evidence::Trace& t) { t.set_closed(false); }},
      {"smaller", [](Evidence::Trace& t) { t.set_size(t.size() - 1); }},
      {"larger", [](Evidence::Trace& t) { t.set_size(t.size() + 1); }},
      {"huge", [](Evidence::Trace& t) { t.set_size((uint64_t{1} << 53) - 1); }},
      {"fewer passes", [](Evidence::Trace& t) { t.set_observed_size(t.observed_size() - 1); }},
      {"more passes", [](Evidence::Trace& t) { t.set_observed_size(t.observed_size() + 1); }},
      {"one root", [](Evidence::Trace& t) { t.set_observed_root(t.numerics_root()); }},
      {"no root", [](Evidence::Trace& t) { t.set_numerics_root(""); }},
      {"root of nothing", [](Evidence::Trace& t) { t.set_observed_root(ToHex(Sha256Of(""))); }},
      {"another session", [](Evidence::Trace& t) { t.set_session(ToHex(Sha256Of("another"))); }},
  };
  for (const auto& [name, edit] : kEdits) {
    Receipt receipt = HonestReceipt(Traced());
    edit(*receipt.mutable_evidence()->mutable_trace());
    EXPECT_EQ(RunCheck(CheckTrace, receipt).status, CheckStatus::kFail) << name;
  }
}

TEST(L1TraceTest, BoundToTheRunThatTheReceiptTells) {
  const std::pair<const char*, std::function<void(Receipt&)>> kEdits[] = {
      {"model", [](Receipt& r) { r.mutable_evidence()->mutable_model()->set_ternary_digest(ToHex(Sha256Of("x"))); }},
      {"prompt", [](Receipt& r) { r.mutable_evidence()->mutable_tokens()->set_prompt_ids_digest(ToHex(Sha256Of("x"))); }},
      {"seed", [](Receipt& r) { r.mutable_evidence()->mutable_sampling()->set_seed(43); }},
      {"limit", [](Receipt& r) { r.set_tokens_requested(r.tokens_requested() + 1); }},
      {"challenge", [](Receipt& r) { r.mutable_evidence()->mutable_challenge()->set_nonce(ToHex(Sha256Of("n"))); }},
  };
  for (const auto& [name, edit] : kEdits) {
    Receipt receipt = HonestReceipt(Traced());
    edit(receipt);
    EXPECT_EQ(RunCheck(CheckTrace, receipt).status, CheckStatus::kFail) << name;
    BindAgain(receipt);
    EXPECT_EQ(RunCheck(CheckTrace, receipt).status, CheckStatus::kPass) << name;
  }
}

TEST(L1TraceTest, MustBeCritical) {
  Receipt receipt = HonestReceipt(Traced());
  receipt.mutable_evidence()->clear_crit();
  receipt.mutable_evidence()->add_crit("model");
  EXPECT_EQ(RunCheck(CheckTrace, receipt).status, CheckStatus::kFail);
}

TEST(L1TraceTest, MissingMembers) {
  const std::function<void(Evidence::Trace&)> kEdits[] = {
      [](Evidence::Trace& t) { t.clear_alg(); },           [](Evidence::Trace& t) { t.clear_density(); },
      [](Evidence::Trace& t) { t.clear_session(); },       [](Evidence::Trace& t) { t.clear_size(); },
      [](Evidence::Trace& t) { t.clear_numerics_root(); }, [](Evidence::Trace& t) { t.clear_observed_size(); },
      [](Evidence::Trace& t) { t.clear_observed_root(); }, [](Evidence::Trace& t) { t.clear_closed(); }};
  for (const auto& edit : kEdits) {
    Receipt receipt = HonestReceipt(Traced());
    edit(*receipt.mutable_evidence()->mutable_trace());
    EXPECT_EQ(RunCheck(CheckTrace, receipt).status, CheckStatus::kMissing);
  }
}

}  // namespace
}  // namespace bitnet::verify
