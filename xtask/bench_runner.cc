#include "xtask/bench_runner.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/child_process.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_writer.h"
#include "verify/compare/measured_run.h"
#include "verify/compare/refusals.h"
#include "xtask/environment.h"
#include "xtask/input.h"

namespace bitnet::xtask {
namespace {

using verify::MeasuredRun;
using verify::Refusal;
using verify::RefusalReason;

char Letter(BenchSide side) { return side == BenchSide::kA ? 'a' : 'b'; }

// What has been run so far.
class Runner {
 public:
  Runner(const BenchPlan& plan, const BenchRunnerOptions& options) : plan_(plan), options_(options) {}

  // Both runs of a pair. False when one of them failed, which is then the refusal.
  absl::StatusOr<bool> RunPair(size_t pair) {
    const BenchSide first = FirstOfPair(pair);
    const BenchSide second = first == BenchSide::kA ? BenchSide::kB : BenchSide::kA;
    for (const BenchSide side : {first, second}) {
      BITNET_ASSIGN_OR_RETURN(const bool succeeded, RunOnce(pair, side));
      if (!succeeded) return false;
    }
    return true;
  }

  // The warm-up pair was read like the others; it is not to be compared with them.
  std::vector<Refusal> TakeWarmUp() {
    std::vector<Refusal> refusals =
        verify::FindRefusals({baseline_, current_, /*paired=*/true}, plan_.policy, /*counts=*/false);
    baseline_.clear();
    current_.clear();
    return refusals;
  }

  verify::GateReport Judge() const {
    verify::GateInput input{current_, baseline_, refusals_, std::nullopt, {}};
    return verify::RunGate(input, plan_.policy);
  }
  verify::GateReport JudgeWithAnchor() const {
    verify::GateInput input{current_, baseline_, refusals_, options_.anchor, options_.anchor_refusals};
    return verify::RunGate(input, plan_.policy);
  }

  void Refuse(std::vector<Refusal> refusals) { refusals_ = std::move(refusals); }
  std::vector<BenchRun> TakeRuns() { return std::move(runs_); }

 private:
  absl::StatusOr<bool> RunOnce(size_t pair, BenchSide side) {
    if (options_.on_run) options_.on_run(pair, side);
    BenchRun run{pair, side, 0, ReceiptName(pair, side), ""};
    const std::string path = absl::StrCat(options_.folder, "/", run.receipt);
    const std::vector<std::string> args = RunArguments(plan_, pair, side, path);
    BITNET_ASSIGN_OR_RETURN(const ChildResult child, RunChild(args, {.interrupted = options_.interrupted}));
    if (options_.interrupted->load()) return absl::CancelledError("interrupted; no verdict was written");
    run.exit_code = child.exit_code;
    const std::string complaint(absl::StripAsciiWhitespace(child.err));
    if (child.exit_code == kExitUsage && runs_.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the first run refused its command line: ", absl::StrJoin(args, " "), "\n", complaint));
    }
    if (child.exit_code != 0) {
      runs_.push_back(run);
      refusals_.push_back({RefusalReason::kPlan, absl::StrCat("pair ", pair, ", side ", std::string(1, Letter(side)),
                                                              ": exit ", child.exit_code, ": ", complaint)});
      return false;
    }
    BITNET_ASSIGN_OR_RETURN(const std::string text, ReadInput(path, kMaxReceiptBytes + 1));
    MeasuredRun measured = verify::ReadMeasuredRun(run.receipt, text, options_.policy, absl::Now());
    run.sha256 = measured.receipt_sha256;
    (side == BenchSide::kA ? baseline_ : current_).push_back(std::move(measured));
    runs_.push_back(std::move(run));
    return true;
  }

  const BenchPlan& plan_;
  const BenchRunnerOptions& options_;
  std::vector<BenchRun> runs_;
  std::vector<MeasuredRun> baseline_, current_;
  std::vector<Refusal> refusals_;
};

// Pairs 1 to the last look, unless the gate decides before.
absl::Status RunLooks(const BenchPlan& plan, const BenchRunnerOptions& options, Runner& runner) {
  size_t pair = 0;
  for (const size_t look : plan.policy.looks) {
    while (pair < look) {
      BITNET_ASSIGN_OR_RETURN(const bool succeeded, runner.RunPair(++pair));
      if (!succeeded) return absl::OkStatus();
    }
    const verify::GateReport report = runner.Judge();
    if (options.on_look) options.on_look(look, report.baseline);
    if (report.baseline.next_look == 0) return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<BenchOutcome> RunBenchPlan(const BenchPlan& plan, const BenchRunnerOptions& options) {
  BITNET_RETURN_IF_ERROR(
      WriteFileAtomically(absl::StrCat(options.folder, "/", kPlanName), WritePrettyJson(PlanJson(plan))));
  Runner runner(plan, options);
  BITNET_ASSIGN_OR_RETURN(const bool warmed_up, runner.RunPair(0));
  if (warmed_up) {
    std::vector<Refusal> refusals = runner.TakeWarmUp();
    const bool comparable = refusals.empty();
    runner.Refuse(std::move(refusals));
    if (comparable) BITNET_RETURN_IF_ERROR(RunLooks(plan, options, runner));
  }
  verify::GateReport gate = runner.JudgeWithAnchor();
  return BenchOutcome{runner.TakeRuns(), std::move(gate)};
}

JsonValue OutcomeJson(const BenchPlan& plan, const BenchOutcome& outcome) {
  const JsonValue plan_json = PlanJson(plan);
  JsonValue::Array runs;
  for (const BenchRun& run : outcome.runs) {
    JsonValue::Object json = {{"pair", JsonValue::Uint(run.pair)},
                              {"side", JsonValue::String(std::string(1, Letter(run.side)))},
                              {"exit_code", JsonValue::Int(run.exit_code)}};
    if (!run.sha256.empty()) {
      json.push_back({"receipt", JsonValue::String(run.receipt)});
      json.push_back({"sha256", JsonValue::String(run.sha256)});
    }
    runs.push_back(JsonValue::MakeObject(std::move(json)));
  }
  return JsonValue::MakeObject({
      {"verdict", JsonValue::String(std::string(verify::GateVerdictName(outcome.gate.verdict())))},
      {"exit_code", JsonValue::Int(verify::GateVerdictExitCode(outcome.gate.verdict()))},
      {"gate", verify::GateJson(outcome.gate, plan.policy)},
      {"plan", plan_json},
      {"plan_digest", JsonValue::String(ToHex(Sha256Of(CanonicalJson(plan_json))))},
      {"runs", JsonValue::MakeArray(std::move(runs))},
  });
}

}  // namespace bitnet::xtask
