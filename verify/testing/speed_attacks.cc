#include "verify/testing/speed_attacks.h"

#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "bitnet/attest/testing_bundle.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_writer.h"
#include "verify/compare/baseline.h"
#include "verify/compare/manifest.h"
#include "verify/compare/manifest_envelope.h"
#include "verify/compare/measured_run.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/named_run.h"
#include "verify/testing/receipt_edits.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

struct Plan {
  int runs = 6;
  bool one = false;
  bool baseline_side = false;
  bool same = false;
  std::string tampering;
};

absl::StatusOr<Plan> ReadPlan(const AttackRow& row) {
  Plan plan;
  for (std::string_view words : row.recipe.context) {
    if (words == "one") {
      plan.one = true;
    } else if (words == "baseline side") {
      plan.baseline_side = true;
    } else if (words == "same") {
      plan.same = true;
    } else if (absl::ConsumePrefix(&words, "folder ")) {
      plan.tampering = std::string(words);
    } else if (!absl::ConsumePrefix(&words, "runs ") || !absl::SimpleAtoi(words, &plan.runs)) {
      return absl::InvalidArgumentError(absl::StrCat("no comparison is changed by \"", words, "\""));
    }
  }
  return plan;
}

// Receipts of one side; times differ from run to run.
absl::StatusOr<std::vector<std::string>> Texts(const AttackRow& row, const Plan& plan, uint64_t first_seed,
                                               bool edited) {
  std::vector<std::string> texts;
  BITNET_ASSIGN_OR_RETURN(HonestRun run, FindHonestRun(row.recipe.base));
  for (int i = 0; i < plan.runs; ++i) {
    run.time_seed = first_seed + static_cast<uint64_t>(i);
    texts.push_back(WriteReceiptJson(HonestReceipt(run)));
    if (!edited || (plan.one && i != 1)) continue;
    BITNET_ASSIGN_OR_RETURN(texts.back(), ApplyEdits(texts.back(), row.recipe.edits));
  }
  return texts;
}

std::string RunName(size_t i) { return absl::StrFormat("run-%02d.json", i + 1); }

std::vector<MeasuredRun> Measured(const std::vector<std::string>& texts, std::string_view side) {
  std::vector<MeasuredRun> runs;
  for (size_t i = 0; i < texts.size(); ++i) {
    runs.push_back(ReadMeasuredRun(absl::StrCat(side, RunName(i)), texts[i], {}, TestNow()));
  }
  return runs;
}

void Write(const std::filesystem::path& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }

// A folder with the runs and their manifest, and what the attacker did to it.
absl::StatusOr<Baseline> TamperedBaseline(const std::string& tampering, const std::vector<std::string>& texts,
                                          const std::string& scratch) {
  const std::filesystem::path folder = std::filesystem::path(scratch) / "baseline";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (size_t i = 0; i < texts.size(); ++i) Write(folder / RunName(i), texts[i]);
  std::vector<MeasuredRun> runs = Measured(texts, "");
  absl::Time created = TestNow() - kDay;
  absl::Duration lifetime = 20 * kDay;
  if (tampering == "expired") created = TestNow() - lifetime;
  if (tampering == "old") created = TestNow() - 31 * kDay, lifetime = 300 * kDay;
  if (tampering == "of_tomorrow") created = TestNow() + kDay;
  if (tampering == "of_another_machine") runs[0].machine = std::string(64, 'a');
  if (tampering == "of_another_model") runs[0].ternary_digest = std::string(64, 'a');
  BITNET_ASSIGN_OR_RETURN(const Manifest manifest, MakeManifest(runs, created, lifetime));
  std::vector<attest::PublicKey> trusted;
  std::string text = WriteManifest(manifest);
  if (tampering == "unsigned" || tampering == "signed_by_another") trusted = {attest::TestingKey().Public()};
  if (tampering == "signed_by_another") text = SignManifest(text, attest::TestingKey("second"));
  if (tampering == "emptied") text = "{}";
  Write(folder / "manifest.json", text);
  if (tampering == "gone") std::filesystem::remove(folder / RunName(2));
  if (tampering == "edited") Write(folder / RunName(1), texts[1] + " ");
  if (tampering == "slowed") {
    HonestRun slow;
    slow.speed = 0.5;
    Write(folder / RunName(1), WriteReceiptJson(HonestReceipt(slow)));
  }
  return ReadBaseline((folder / "manifest.json").string(), BaselineKind::kBaseline, trusted, {}, TestNow());
}

}  // namespace

absl::StatusOr<ComparisonReport> CompareAttack(const AttackRow& row, const std::string& scratch) {
  BITNET_ASSIGN_OR_RETURN(const Plan plan, ReadPlan(row));
  BITNET_ASSIGN_OR_RETURN(const std::vector<std::string> before, Texts(row, plan, 1, plan.baseline_side));
  BITNET_ASSIGN_OR_RETURN(const std::vector<std::string> after, Texts(row, plan, 1001, !plan.baseline_side));
  const ComparePolicy policy;
  std::vector<MeasuredRun> current = Measured(plan.same ? before : after, "current/");
  if (plan.tampering.empty()) {
    return CompareRuns(Measured(before, "baseline/"), std::move(current), policy.margin, policy);
  }
  BITNET_ASSIGN_OR_RETURN(Baseline baseline, TamperedBaseline(plan.tampering, before, scratch));
  return CompareRuns(std::move(baseline.runs), std::move(current), policy.margin, policy, std::move(baseline.refusals));
}

}  // namespace bitnet::verify
