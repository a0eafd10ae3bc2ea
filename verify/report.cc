#include "verify/report.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"

namespace bitnet::verify {
namespace {

std::string_view ColorOf(const CheckReport& check) {
  if (check.result.status == CheckStatus::kPass) return "32";                                                // green
  if (check.result.status == CheckStatus::kFail || check.result.status == CheckStatus::kError) return "31";  // red
  return check.blocks ? "33" : "2";  // yellow, or dim when it does not matter
}

std::string Colored(std::string_view text, std::string_view color, bool enabled) {
  return enabled ? absl::StrCat("\x1b[", color, "m", text, "\x1b[0m") : std::string(text);
}

std::string_view VerdictMeaning(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAccept:
      return "";
    case Verdict::kReject:
      return "The receipt or its envelope contradicts itself, the specification, the policy or what was given with it: "
             "the "
             "checks marked FAIL say where.";
    case Verdict::kMalformed:
      return "This is not a text that every reader understands in the same way, so nothing in it was believed.";
    case Verdict::kUnverifiable:
      return "Nothing contradicts, but what the policy requires is not established: see the checks that do not pass.";
  }
  return "";
}

}  // namespace

std::string_view AcceptanceMeaning(Level level) {
  switch (level) {
    case Level::kL0:
      return "L0: this text is a well-formed receipt of schema 1.0.0. Not established: anything about what was "
             "executed.";
    case Level::kL1:
      return "L1: the counts, times and rates of this receipt agree with each other and with what its architecture "
             "and schedule imply. Not established: that any of it was executed. Who solves all the equations can "
             "write such a receipt without running a model; only the model file (L2), a signature (L3) or a replay "
             "(L4) can tell.";
    case Level::kL2:
      return "L2: this receipt names the model file given, by digests recomputed here, or one that the policy allows "
             "by "
             "its digest, and commits to what every layer computed at every position. Not established: that this model "
             "was executed. A commitment binds whoever "
             "made it to one story; only a replay (L4) tells whether the story is true.";
    case Level::kL3:
      return "L3: the holder of a key that the policy trusts signed this receipt for this model, this program and "
             "this commit, in answer to this challenge if the policy demands one. Not established: that the signer "
             "is honest; whoever owns key and machine can sign anything.";
    case Level::kL4:
      return "L4: these output tokens are the unique result of this model on this prompt under arithmetic profile "
             "CA-1, recomputed here. Not established: when, where, how fast, or by which instruction sequence the "
             "original run was made.";
  }
  return "";
}

std::string TextReport(const AuditReport& report, const TextReportOptions& options) {
  std::string text = absl::StrCat(options.subject, "\n");
  for (const CheckReport& check : report.checks) {
    const std::string status = absl::StrFormat("%-12s", CheckStatusName(check.result.status));
    absl::StrAppendFormat(&text, "  %s %7d  %-12s %s  %s\n", Colored(status, ColorOf(check), options.color),
                          check.result.evidence, check.rule->id, check.rule->clause, check.result.reason);
  }
  const bool accept = report.verdict == Verdict::kAccept;
  absl::StrAppend(&text, Colored(VerdictName(report.verdict), accept ? "1;32" : "1;31", options.color), " at level ",
                  LevelName(report.level), report.strict ? ", strict" : "", "\n",
                  accept ? AcceptanceMeaning(report.level) : VerdictMeaning(report.verdict), "\n");
  return text;
}

std::string JsonReport(const AuditReport& report) {
  JsonValue::Array checks;
  for (const CheckReport& check : report.checks) {
    checks.push_back(JsonValue::MakeObject({
        {"id", JsonValue::String(std::string(check.rule->id))},
        {"clause", JsonValue::String(std::string(check.rule->clause))},
        {"status", JsonValue::String(std::string(CheckStatusName(check.result.status)))},
        {"evidence", JsonValue::Uint(check.result.evidence)},
        {"reason", JsonValue::String(check.result.reason)},
        {"blocks", JsonValue::Bool(check.blocks)},
    }));
  }
  const bool accept = report.verdict == Verdict::kAccept;
  const std::string_view meaning = accept ? AcceptanceMeaning(report.level) : VerdictMeaning(report.verdict);
  return CanonicalJson(JsonValue::MakeObject({
             {"verdict", JsonValue::String(std::string(VerdictName(report.verdict)))},
             {"exit_code", JsonValue::Int(VerdictExitCode(report.verdict))},
             {"level", JsonValue::String(std::string(LevelName(report.level)))},
             {"strict", JsonValue::Bool(report.strict)},
             {"meaning", JsonValue::String(std::string(meaning))},
             {"checks", JsonValue::MakeArray(std::move(checks))},
         })) +
         "\n";
}

}  // namespace bitnet::verify
