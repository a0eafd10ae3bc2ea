#include "verify/audit.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "bitnet/attest/testing_bundle.h"
#include "gtest/gtest.h"
#include "verify/policy.h"
#include "verify/report.h"
#include "verify/rule.h"
#include "verify/testing/signed_receipt.h"

namespace bitnet::verify {
namespace {

CheckResult Passes(const AuditInput&) { return Pass(1, "compared"); }
CheckResult PassesOnNothing(const AuditInput&) { return Pass(0, "looked at nothing"); }
CheckResult PassesSilently(const AuditInput&) { return Pass(1, ""); }
CheckResult Fails(const AuditInput&) { return Fail("is wrong"); }
CheckResult IsMissing(const AuditInput&) { return Missing("is absent"); }
CheckResult IsUndecided(const AuditInput&) { return Inconclusive("is too little"); }
CheckResult IsNotApplicable(const AuditInput&) { return NotApplicable("is about something else"); }
CheckResult IsNotMeasured(const AuditInput&) { return NotMeasured("was not measured"); }

using Check = CheckResult (*)(const AuditInput&);

RuleInfo Rule(Check check, Need need = Need::kRequired, Level level = Level::kL0) {
  return {"L0-TEST", level, need, "RS-000", "a rule of the test", check};
}

Verdict VerdictOf(std::vector<RuleInfo> rules, bool strict = false, Level level = Level::kL0) {
  Policy policy;
  policy.strict = strict;
  policy.min_level = level;
  return AuditWithRules(rules, "{}", policy, absl::UnixEpoch()).verdict;
}

TEST(AuditTest, OnlyRequiredAndPassedCounts) {
  EXPECT_EQ(VerdictOf({Rule(Passes)}), Verdict::kAccept);
  EXPECT_EQ(VerdictOf({Rule(Passes), Rule(IsMissing)}), Verdict::kUnverifiable);
  EXPECT_EQ(VerdictOf({Rule(Passes), Rule(IsUndecided)}), Verdict::kUnverifiable);
  EXPECT_EQ(VerdictOf({Rule(Passes), Rule(IsNotApplicable)}), Verdict::kUnverifiable);
  EXPECT_EQ(VerdictOf({Rule(Passes), Rule(IsNotMeasured)}), Verdict::kUnverifiable);
  EXPECT_EQ(VerdictOf({Rule(Passes), Rule(Fails)}), Verdict::kReject);
  EXPECT_EQ(VerdictOf({Rule(IsMissing), Rule(Fails)}), Verdict::kReject);
}

TEST(AuditTest, ConditionalRulesMayNotApply) {
  EXPECT_EQ(VerdictOf({Rule(Passes), Rule(IsNotApplicable, Need::kConditional)}), Verdict::kAccept);
  EXPECT_EQ(VerdictOf({Rule(Passes), Rule(IsNotMeasured, Need::kConditional)}), Verdict::kAccept);
  EXPECT_EQ(VerdictOf({Rule(Passes), Rule(IsNotMeasured, Need::kConditional)}, /*strict=*/true),
            Verdict::kUnverifiable);
  EXPECT_EQ(VerdictOf({Rule(Passes), Rule(IsMissing, Need::kConditional)}), Verdict::kUnverifiable);
  EXPECT_EQ(VerdictOf({Rule(Passes), Rule(Fails, Need::kConditional)}), Verdict::kReject);
}

TEST(AuditTest, PassWithoutEvidenceIsAnError) {
  const std::vector<RuleInfo> rules = {Rule(PassesOnNothing), Rule(PassesSilently)};
  const AuditReport report = AuditWithRules(rules, "{}", Policy(), absl::UnixEpoch());
  EXPECT_EQ(report.checks[0].result.status, CheckStatus::kError);
  EXPECT_EQ(report.checks[1].result.status, CheckStatus::kError);
  EXPECT_EQ(report.verdict, Verdict::kUnverifiable);
}

TEST(AuditTest, NothingCheckedIsNothingEstablished) {
  EXPECT_EQ(VerdictOf({}), Verdict::kUnverifiable);
  EXPECT_EQ(VerdictOf({Rule(Passes, Need::kRequired, Level::kL1)}, false, Level::kL0), Verdict::kUnverifiable);
}

// A level that has no rules yet, or whose rules all had nothing to say, establishes nothing.
TEST(AuditTest, TheLevelItselfMustPass) {
  EXPECT_EQ(VerdictOf({Rule(Passes)}, false, Level::kL1), Verdict::kUnverifiable);
  EXPECT_EQ(VerdictOf({Rule(Passes), Rule(Passes, Need::kRequired, Level::kL1)}, false, Level::kL1), Verdict::kAccept);
  EXPECT_EQ(VerdictOf({Rule(Passes), Rule(Passes, Need::kRequired, Level::kL1)}, false, Level::kL4),
            Verdict::kUnverifiable);
}

TEST(AuditTest, ThePolicySetsTheLevel) {
  EXPECT_EQ(VerdictOf({Rule(Passes), Rule(Fails, Need::kRequired, Level::kL1)}, false, Level::kL0), Verdict::kAccept);
  EXPECT_EQ(VerdictOf({Rule(Passes), Rule(Fails, Need::kRequired, Level::kL1)}, false, Level::kL1), Verdict::kReject);
}

TEST(AuditTest, UnreadableTextIsMalformedAndNotJudgedFurther) {
  EXPECT_EQ(VerdictOf({Rule(Fails, Need::kReadable), Rule(Fails)}), Verdict::kMalformed);
  const std::vector<RuleInfo> rules = {Rule(Passes)};
  const AuditReport report = AuditWithRules(rules, "not JSON", Policy(), absl::UnixEpoch());
  EXPECT_EQ(report.checks[0].result.status, CheckStatus::kMissing);
  for (const char* text : {"", "null", "[]", "{}}", "{\"a\":1,\"a\":1}", "{\"a\":1e999}"}) {
    EXPECT_EQ(AuditReceiptText(text, Policy(), absl::UnixEpoch()).verdict, Verdict::kMalformed) << text;
  }
  EXPECT_EQ(AuditReceiptText("{}", Policy(), absl::UnixEpoch()).verdict, Verdict::kReject);
}

TEST(AuditTest, NothingIsRunOnAMalformedText) {
  const std::vector<RuleInfo> rules = {Rule(Fails, Need::kReadable), Rule(Passes, Need::kReadable), Rule(Fails),
                                       Rule(Passes, Need::kRequired, Level::kL1)};
  const AuditReport report = AuditWithRules(rules, "{}", Policy(), absl::UnixEpoch());
  EXPECT_EQ(report.verdict, Verdict::kMalformed);
  EXPECT_EQ(report.checks[1].result.status, CheckStatus::kPass);
  for (const size_t i : {2, 3}) {
    EXPECT_EQ(report.checks[i].result.status, CheckStatus::kMissing);
    EXPECT_EQ(report.checks[i].result.reason, "not run: the text is malformed");
  }
}

// What the auditor saw of a run that it launched: not asked about otherwise, and a failure there is a rejection whatever
// the run wrote.
TEST(AuditTest, LaunchedRulesAreForLaunchedRuns) {
  const std::vector<RuleInfo> fails = {Rule(Passes), Rule(Fails, Need::kLaunched)};
  const std::vector<RuleInfo> misses = {Rule(Passes), Rule(IsMissing, Need::kLaunched)};
  const std::vector<RuleInfo> not_applicable = {Rule(Passes), Rule(IsNotApplicable, Need::kLaunched)};
  const std::vector<RuleInfo> unreadable = {Rule(Fails, Need::kReadable), Rule(Fails, Need::kLaunched)};
  Policy policy;
  policy.min_level = Level::kL0;
  EXPECT_EQ(AuditWithRules(fails, "{}", policy, absl::UnixEpoch()).verdict, Verdict::kAccept);
  EXPECT_EQ(AuditWithRules(fails, "{}", policy, absl::UnixEpoch()).checks.size(), 1u);
  Artifacts launched;
  launched.launch.emplace();
  EXPECT_EQ(AuditWithRules(fails, "{}", policy, absl::UnixEpoch(), launched).verdict, Verdict::kReject);
  EXPECT_EQ(AuditWithRules(misses, "{}", policy, absl::UnixEpoch(), launched).verdict, Verdict::kUnverifiable);
  EXPECT_EQ(AuditWithRules(not_applicable, "{}", policy, absl::UnixEpoch(), launched).verdict, Verdict::kUnverifiable);
  EXPECT_EQ(AuditWithRules(unreadable, "", policy, absl::UnixEpoch(), launched).verdict, Verdict::kReject);
  EXPECT_EQ(AuditWithRules(unreadable, "", policy, absl::UnixEpoch()).verdict, Verdict::kMalformed);
}

// What an envelope carries is audited as if it had come alone, but an envelope that is not right carries nothing,
// whatever level was asked for.
TEST(AuditTest, EnvelopesAreOpenedAtEveryLevel) {
  Policy policy;
  const std::string bundle = SignedText(AnsweringReceipt());
  for (const Level level : {Level::kL0, Level::kL1}) {
    policy.min_level = level;
    const AuditReport alone = AuditReceiptText(WriteReceiptJson(AnsweringReceipt()), policy, TestNow());
    const AuditReport wrapped = AuditReceiptText(bundle, policy, TestNow());
    EXPECT_EQ(alone.verdict, Verdict::kAccept);
    EXPECT_EQ(wrapped.verdict, Verdict::kAccept);
    EXPECT_EQ(wrapped.checks.size(), alone.checks.size() + 2) << "form of envelope and statement";
    const AuditReport broken =
        AuditReceiptText(absl::StrReplaceAll(bundle, {{"\"sig\": \"", "\"sig\": \"A"}}), policy, TestNow());
    EXPECT_EQ(broken.verdict, Verdict::kMalformed);
    for (const CheckReport& check : broken.checks) {
      const bool form = check.rule->id == "L3-DSSE";
      EXPECT_EQ(check.result.status, form ? CheckStatus::kFail : CheckStatus::kMissing) << check.rule->id;
    }
  }
}

// A receipt that is refused stays refused in an envelope, and for its own reason.
TEST(AuditTest, AnEnvelopeMendsNothing) {
  receipt::Receipt receipt = AnsweringReceipt();
  receipt.mutable_evidence()->mutable_outcome()->set_status("failed");
  const FixtureContext context = UsualContext();
  const AuditReport report = AuditReceiptText(SignedText(receipt), context.policy, TestNow(), context.artifacts);
  EXPECT_EQ(report.verdict, Verdict::kReject);
  for (const CheckReport& check : report.checks) {
    EXPECT_EQ(check.result.status == CheckStatus::kFail, check.rule->id == "L0-STATUS") << check.rule->id;
  }
}

TEST(AuditTest, WhoDemandsL3GetsItOrNoAcceptance) {
  const FixtureContext context = UsualContext();
  const std::string bare = WriteReceiptJson(AnsweringReceipt());
  EXPECT_EQ(AuditReceiptText(SignedText(AnsweringReceipt()), context.policy, TestNow(), context.artifacts).verdict,
            Verdict::kAccept);
  EXPECT_EQ(AuditReceiptText(bare, context.policy, TestNow(), context.artifacts).verdict, Verdict::kUnverifiable);
  Policy nothing_else;
  nothing_else.min_level = Level::kL3;
  nothing_else.require_challenge = false;
  EXPECT_EQ(AuditReceiptText(bare, nothing_else, TestNow()).verdict, Verdict::kUnverifiable);
  EXPECT_EQ(AuditReceiptText(SignedText(AnsweringReceipt()), nothing_else, TestNow()).verdict, Verdict::kUnverifiable)
      << "no key is trusted";
}

TEST(AuditTest, ReportsAreShort) {
  const std::string text =
      "{\"" + std::string(60'000, 'k') + "\":1,\"compute_path\":\"" + std::string(4'000, 'x') + "\"}";
  const AuditReport report = AuditReceiptText(text, Policy(), absl::UnixEpoch());
  EXPECT_EQ(report.verdict, Verdict::kReject);
  for (const CheckReport& check : report.checks) EXPECT_LT(check.result.reason.size(), 1'100u) << check.rule->id;
}

TEST(AuditTest, ReasonsArePrintable) {
  const AuditReport report =
      AuditReceiptText("{\"a\":1,\"\\u001b[2J\\n\u00e9\":1,\"\\u001b[2J\\n\u00e9\":1}", Policy(), absl::UnixEpoch());
  EXPECT_EQ(report.verdict, Verdict::kMalformed);
  for (const CheckReport& check : report.checks) {
    for (const char c : check.result.reason) EXPECT_TRUE(c >= ' ' && c <= '~') << check.rule->id;
  }
}

TEST(AuditTest, ExitCodes) {
  EXPECT_EQ(VerdictExitCode(Verdict::kAccept), 0);
  EXPECT_EQ(VerdictExitCode(Verdict::kReject), 1);
  EXPECT_EQ(VerdictExitCode(Verdict::kMalformed), 2);
  EXPECT_EQ(VerdictExitCode(Verdict::kUnverifiable), 3);
}

TEST(ReportTest, EveryCheckIsListedAndTheMeaningIsPrinted) {
  const std::vector<RuleInfo> rules = {Rule(Passes, Need::kRequired, Level::kL1),
                                       Rule(IsNotApplicable, Need::kConditional)};
  const AuditReport report = AuditWithRules(rules, "{}", Policy(), absl::UnixEpoch());
  EXPECT_EQ(TextReport(report, {false, "r.json"}),
            "r.json\n"
            "  PASS               1  L0-TEST      RS-000  compared\n"
            "  NA                 0  L0-TEST      RS-000  is about something else\n"
            "ACCEPT at level L1\n" +
                std::string(AcceptanceMeaning(Level::kL1)) + "\n");
  EXPECT_NE(TextReport(report, {true, "r.json"}).find("\x1b[1;32mACCEPT\x1b[0m"), std::string::npos);
  EXPECT_EQ(JsonReport(report),
            "{\"checks\":[{\"blocks\":false,\"clause\":\"RS-000\",\"evidence\":1,\"id\":\"L0-TEST\",\"reason\":"
            "\"compared\",\"status\":\"PASS\"},{\"blocks\":false,\"clause\":\"RS-000\",\"evidence\":0,\"id\":"
            "\"L0-TEST\",\"reason\":\"is about something else\",\"status\":\"NA\"}],\"exit_code\":0,\"level\":\"L1\","
            "\"meaning\":\"" +
                std::string(AcceptanceMeaning(Level::kL1)) + "\",\"strict\":false,\"verdict\":\"ACCEPT\"}\n");
}

TEST(ReportTest, MeaningSaysWhatIsNotEstablished) {
  for (const Level level : kLevels) {
    EXPECT_NE(AcceptanceMeaning(level).find("Not established"), std::string::npos);
  }
}

TEST(PolicyTest, ReadsEveryMember) {
  const auto policy = ParsePolicy(
      R"({"min_level":"L0","strict":true,"allowed_backends":["cpu","cuda"],"min_tokens":64,
          "peak_read_bw_mbps":51200,"max_llc_bytes":1048576,"max_clock_skew_s":60,"not_before":"2026-11-01T00:00:00Z",
          "max_unexplained_percent":30})");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(policy->min_level, Level::kL0);
  EXPECT_TRUE(policy->strict);
  EXPECT_EQ(policy->allowed_backends, (std::vector<std::string>{"cpu", "cuda"}));
  EXPECT_EQ(policy->min_tokens, 64);
  EXPECT_EQ(policy->peak_read_bw_mbps, 51200);
  EXPECT_EQ(policy->max_llc_bytes, 1048576);
  EXPECT_EQ(policy->max_clock_skew, absl::Seconds(60));
  EXPECT_EQ(policy->not_before, absl::FromCivil(absl::CivilDay(2026, 11, 1), absl::UTCTimeZone()));
  EXPECT_EQ(policy->max_unexplained_percent, 30);
}

TEST(PolicyTest, ReadsEveryMemberOfL3) {
  const attest::PublicKey first = attest::TestingKey("first").Public();
  const attest::PublicKey second = attest::TestingKey("second").Public();
  const std::string a(64, 'a');
  const std::string b(40, 'b');
  const auto policy = ParsePolicy(absl::StrCat(
      R"({"keys":[")", absl::StrReplaceAll(first.Pem(), {{"\n", "\\n"}}), R"(",")",
      absl::BytesToHexString(second.Der()), R"("],"require_challenge":false,"require_ledger":false,"max_age_s":60,)",
      R"("ledger_head":{"size":7,"root":")", a, R"("},"allowed_models":[")", a, R"("],"allowed_builds":[")", a,
      R"("],"allowed_commits":[")", a, R"(",")", b, R"("]})"));
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(policy->keys, (std::vector<attest::PublicKey>{first, second}));
  EXPECT_FALSE(policy->require_challenge);
  EXPECT_FALSE(policy->require_ledger);
  EXPECT_EQ(policy->max_age, absl::Seconds(60));
  ASSERT_TRUE(policy->ledger_head.has_value());
  EXPECT_EQ(policy->ledger_head->size, 7);
  EXPECT_EQ(policy->ledger_head->root, a);
  EXPECT_EQ(policy->allowed_models, std::vector<std::string>{a});
  EXPECT_EQ(policy->allowed_builds, std::vector<std::string>{a});
  EXPECT_EQ(policy->allowed_commits, (std::vector<std::string>{a, b}));
}

TEST(PolicyTest, EmptyPolicyIsTheBuiltInOne) {
  const auto policy = ParsePolicy("{}");
  ASSERT_TRUE(policy.ok());
  EXPECT_EQ(policy->min_level, Level::kL1);
  EXPECT_FALSE(policy->strict);
  EXPECT_EQ(policy->allowed_backends, std::vector<std::string>{"cpu"});
}

TEST(PolicyTest, LevelsAreOnlyRaised) {
  Policy policy;
  EXPECT_FALSE(RaiseLevel("L0", policy).ok());
  EXPECT_FALSE(RaiseLevel("L9", policy).ok());
  EXPECT_EQ(policy.min_level, Level::kL1);
  EXPECT_TRUE(RaiseLevel("L1", policy).ok());
  policy.min_level = Level::kL0;
  EXPECT_TRUE(RaiseLevel("L1", policy).ok());
  EXPECT_EQ(policy.min_level, Level::kL1);
}

TEST(PolicyTest, RefusesWhatItDoesNotUnderstand) {
  for (const char* text :
       {"",
        "[]",
        "{",
        R"({"min_levels":"L1"})",
        R"({"minLevel":"L1"})",
        R"({"min_level":"L9"})",
        R"({"min_level":1})",
        R"({"min_level":"l1"})",
        R"({"strict":"true"})",
        R"({"strict":1})",
        R"({"min_tokens":0})",
        R"({"min_tokens":-1})",
        R"({"min_tokens":1.0})",
        R"({"allowed_backends":"cpu"})",
        R"({"allowed_backends":[]})",
        R"({"allowed_backends":[1]})",
        R"({"max_clock_skew_s":86401})",
        R"({"max_unexplained_percent":101})",
        R"({"max_unexplained_percent":1.5})",
        R"({"not_before":"yesterday"})",
        R"({"strict":true,"strict":false})",
        R"({"keys":[]})",
        R"({"keys":"302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a"})",
        R"({"keys":["302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a"]})",
        R"({"keys":["302a300506032b65700321000000000000000000000000000000000000000000000000000000000000000000"]})",
        R"({"require_challenge":1})",
        R"({"require_ledger":"false"})",
        R"({"ledger_head":7})",
        R"({"ledger_head":{"size":7}})",
        R"({"ledger_head":{"size":"7","root":"aaaa"}})",
        R"({"ledger_head":{"size":7,"root":"aaaa"}})",
        R"({"max_age_s":0})",
        R"({"max_age_s":60.0})",
        R"({"allowed_models":["bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"]})",
        R"({"allowed_commits":["bbbbbbb"]})",
        R"({"allowed_commits":["BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"]})",
        R"({"allowed_builds":"any"})",
        R"({"strict":null})"}) {
    EXPECT_FALSE(ParsePolicy(text).ok()) << text;
  }
}

}  // namespace
}  // namespace bitnet::verify
