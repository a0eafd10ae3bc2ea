#include "verify/compare/measured_run.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/base/sha256.h"
#include "bitnet/receipt/document.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "verify/compare/machine.h"

namespace bitnet::verify {
namespace {

void Audit(std::string_view text, Policy policy, absl::Time now, MeasuredRun& run) {
  policy.min_level = std::max(policy.min_level, Level::kL1);
  const AuditReport report = AuditReceiptText(text, policy, now);
  run.audit = report.verdict;
  for (const CheckReport& check : report.checks) {
    // A FAIL explains more than what is missing because of it.
    const bool fails = check.result.status == CheckStatus::kFail;
    if (!check.blocks || (!run.objection.empty() && !fails)) continue;
    run.objection = absl::StrCat(check.rule->id, " ", CheckStatusName(check.result.status), ": ", check.result.reason);
    if (fails) return;
  }
}

std::string CanonicalAt(const JsonValue& json, std::string_view path) {
  const JsonValue* value = json.AtPath(path);
  return value == nullptr ? "" : CanonicalJson(*value);
}

void ReadWhat(const ReceiptDocument& document, MeasuredRun& run) {
  const receipt::Evidence& evidence = document.receipt.evidence();
  const JsonValue& json = *document.json;
  run.ternary_digest = evidence.model().ternary_digest();
  run.profile = evidence.arithmetic().profile();
  run.prompt_tokens = evidence.tokens().prompt();
  run.generated_tokens = evidence.tokens().generated();
  run.workload = absl::StrCat("prompt ", run.prompt_tokens, ", generated ", run.generated_tokens, ", reused ",
                              evidence.tokens().kv_reused(), ", sampling ", CanonicalAt(json, "/evidence/sampling"));
  run.schedule = CanonicalAt(json, "/evidence/schedule");
  run.prompt_digest = evidence.tokens().prompt_ids_digest();
  run.output_digest = evidence.tokens().output_ids_digest();
  run.plan_digest = evidence.challenge().plan_digest();
  run.machine = MachineFingerprint(document.receipt);
  run.machine_facts = CanonicalJson(MachineFacts(document.receipt));
  run.governor = evidence.host().governor();
  run.density = evidence.trace().density();
  if (evidence.host().has_threads()) run.threads = evidence.host().threads();
  absl::Time timestamp;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, document.receipt.timestamp(), &timestamp, &error)) run.timestamp = timestamp;
}

uint64_t LowerMedian(std::vector<uint64_t> values) {
  std::sort(values.begin(), values.end());
  return values[(values.size() - 1) / 2];
}

void ReadTimes(const receipt::Evidence& evidence, MeasuredRun& run) {
  run.measured = evidence.perf().status() == "measured";
  if (evidence.timing().has_load_ns()) run.load_ns = evidence.timing().load_ns();
  if (evidence.timing().has_prefill_ns()) run.prefill_ns = evidence.timing().prefill_ns();
  if (evidence.timing().has_decode_ns()) run.decode_ns = evidence.timing().decode_ns();
  if (evidence.perf().samples_size() > 0) {
    std::vector<uint64_t> prefill, decode;
    for (const receipt::Evidence::Sample& sample : evidence.perf().samples()) {
      prefill.push_back(sample.prefill_ns());
      decode.push_back(sample.decode_ns());
    }
    run.prefill_ns = LowerMedian(std::move(prefill));
    run.decode_ns = LowerMedian(std::move(decode));
  }
  if (evidence.host().has_peak_rss_bytes()) run.peak_rss_bytes = evidence.host().peak_rss_bytes();
  if (evidence.timing().clock().has_resolution_ns()) run.resolution_ns = evidence.timing().clock().resolution_ns();
}

}  // namespace

MeasuredRun ReadMeasuredRun(std::string_view source, std::string_view text, const Policy& policy, absl::Time now) {
  MeasuredRun run;
  run.source = std::string(source);
  run.receipt_sha256 = ToHex(Sha256Of(text));
  Audit(text, policy, now, run);
  const ReceiptDocument document = ReadReceiptDocument(text);
  if (!document.json) return run;
  ReadWhat(document, run);
  ReadTimes(document.receipt.evidence(), run);
  return run;
}

}  // namespace bitnet::verify
