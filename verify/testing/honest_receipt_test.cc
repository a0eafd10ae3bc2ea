// The auditor accepts every honest receipt, and no other: a receipt that differs in one count or lacks one member is
// refused. What honest data does not pin is listed here with its reason, and nothing else is exempt.

#include "verify/testing/honest_receipt.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "gtest/gtest.h"
#include "verify/audit.h"
#include "verify/testing/honest_grid.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

std::string Findings(const AuditReport& report) {
  std::string findings;
  for (const CheckReport& check : report.checks) {
    if (check.blocks) absl::StrAppend(&findings, "\n  ", check.rule->id, ": ", check.result.reason);
  }
  return findings;
}

AuditReport Audit(const std::string& text, bool strict = false) {
  Policy policy;
  policy.strict = strict;
  return AuditReceiptText(text, policy, TestNow());
}

bool Accepted(const JsonValue& receipt) { return Audit(WritePrettyJson(receipt)).verdict == Verdict::kAccept; }

TEST(HonestReceiptTest, EveryHonestReceiptIsAccepted) {
  const std::vector<HonestRun> runs = HonestGrid();
  ASSERT_GE(runs.size(), 300u);
  for (const HonestRun& run : runs) {
    const AuditReport report = Audit(WriteReceiptJson(HonestReceipt(run)));
    EXPECT_EQ(report.verdict, Verdict::kAccept) << Describe(run) << Findings(report);
  }
}

TEST(HonestReceiptTest, StrictAcceptsWhatWasMeasured) {
  for (const HonestRun& run : HonestGrid()) {
    const AuditReport report = Audit(WriteReceiptJson(HonestReceipt(run)), /*strict=*/true);
    EXPECT_EQ(report.verdict, run.generated > 1 ? Verdict::kAccept : Verdict::kUnverifiable)
        << Describe(run) << Findings(report);
  }
}

// Paths of all leaves, or with `subtrees` also of everything that has leaves.
void CollectPaths(const JsonValue& value, const std::string& path, bool subtrees, std::vector<std::string>& paths) {
  const bool leaf = !value.is_object() && !value.is_array();
  if (!path.empty() && (leaf || subtrees)) paths.push_back(path);
  if (value.is_object()) {
    for (const JsonMember& member : value.object()) {
      CollectPaths(member.value, ChildPath(path, member.name), subtrees, paths);
    }
  } else if (value.is_array()) {
    for (size_t i = 0; i < value.array().size(); ++i) {
      CollectPaths(value.array()[i], ChildPath(path, i), subtrees, paths);
    }
  }
}

// Integers that one step up or down leaves as plausible as before. Every row is a measurement or a free choice.
struct Unpinned {
  std::string_view suffix;
  std::string_view reason;
};
constexpr Unpinned kUnpinned[] = {
    {"_ns", "a measured time: any other nanosecond could have been measured"},
    {"/ns", "a measured time"},
    {"/tsc", "a measured time, in ticks"},
    {"/evidence/host/cores", "the machine's size"},
    {"/evidence/host/threads", "how many cores to use is the user's choice"},
    {"/evidence/host/llc_bytes", "the machine's size"},
    {"/evidence/host/read_bw_probe_mbps", "a measurement of the machine"},
    {"/evidence/host/peak_rss_bytes", "a measurement of the process"},
    {"/evidence/model/file_bytes", "metadata is of any length; bound by the digest once the file is at hand"},
    {"/evidence/model/arch/context_length", "bound by the file; pinned for 2B-4T"},
    {"/tokens_requested", "the user's choice; equal to what was generated unless the run ended early"},
    {"/evidence/sampling/seed", "the user's choice, bound by replay"},
    {"/evidence/sampling/top_k", "the user's choice, bound by replay"},
    {"/evidence/speculation/max_draft", "the user's choice; no pass drafts more"},
};

// Times that an equation pins to the nanosecond all the same.
constexpr std::string_view kPinnedTimes[] = {
    "/evidence/timing/load_ns",         "/evidence/timing/prefill_ns",
    "/evidence/timing/decode_ns",       "/evidence/timing/overhead_ns",
    "/evidence/timing/wall_ns",         "/evidence/timing/cpu_ns",
    "/evidence/timing/ttft_ns",         "/evidence/timing/clock/end/monotonic_raw_ns",
    "/evidence/perf/decode_tps_den_ns", "/evidence/timing/clock/end/process_cpu_ns",
};

bool IsUnpinned(std::string_view path, const HonestRun& run) {
  if (run.arch == k2B4TShape && path == "/evidence/model/arch/context_length") return false;
  if (run.finish_reason == "length" && path == "/tokens_requested") return false;
  for (const std::string_view pinned : kPinnedTimes) {
    if (path == pinned) return false;
  }
  for (const Unpinned& row : kUnpinned) {
    if (absl::EndsWith(path, row.suffix)) return true;
  }
  return false;
}

std::vector<HonestRun> PerturbedRuns() {
  HonestRun one_token;
  one_token.generated = one_token.requested = 1;
  HonestRun sampled = {.arch = kTinyShape, .model_path = "tiny.gguf", .quantization_type = "tq2_0"};
  sampled.prompt = 33, sampled.generated = sampled.requested = 9, sampled.chunk = 7, sampled.greedy = false;
  HonestRun benchmark;
  benchmark.samples = 5;
  HonestRun eos;
  eos.finish_reason = "eos", eos.generated = 17, eos.kv_reused = 100, eos.isa = Isa::kAvx2, eos.isa_requested = true;
  HonestRun llama = {.arch = kLlamaShape, .arch_name = "llama", .model_path = "l.gguf", .quantization_type = "tq1_0"};
  llama.prompt = 9, llama.generated = llama.requested = 4, llama.chunk = 4;
  HonestRun drafted;
  drafted.draft = 7, drafted.screened = true;
  return {HonestRun(), one_token, sampled, benchmark, eos, llama, drafted};
}

TEST(HonestReceiptTest, OneCountChangedByOneIsRefused) {
  int changed = 0;
  for (const HonestRun& run : PerturbedRuns()) {
    JsonValue receipt = EncodeReceipt(HonestReceipt(run));
    std::vector<std::string> paths;
    CollectPaths(receipt, "", /*subtrees=*/false, paths);
    for (const std::string& path : paths) {
      JsonValue& value = *receipt.AtPath(path);
      if (!value.is_integer() || IsUnpinned(path, run)) continue;
      const int64_t honest = *value.AsInt64();
      for (const int64_t delta : {-1, 1}) {
        value = JsonValue::Int(honest + delta);
        EXPECT_FALSE(Accepted(receipt)) << Describe(run) << ": " << path << " = " << honest << " + " << delta;
        ++changed;
      }
      value = JsonValue::Int(honest);
    }
  }
  EXPECT_GT(changed, 800);
}

// The list above must not grow beyond what it has to: every row really is free.
TEST(HonestReceiptTest, EveryUnpinnedIntegerIsFree) {
  std::map<std::string_view, int> accepted;
  for (const HonestRun& run : PerturbedRuns()) {
    JsonValue receipt = EncodeReceipt(HonestReceipt(run));
    std::vector<std::string> paths;
    CollectPaths(receipt, "", /*subtrees=*/false, paths);
    for (const std::string& path : paths) {
      JsonValue& value = *receipt.AtPath(path);
      if (!value.is_integer() || !IsUnpinned(path, run)) continue;
      const int64_t honest = *value.AsInt64();
      value = JsonValue::Int(honest + 1);
      if (Accepted(receipt)) {
        for (const Unpinned& row : kUnpinned) accepted[row.suffix] += absl::EndsWith(path, row.suffix) ? 1 : 0;
      }
      value = JsonValue::Int(honest);
    }
  }
  for (const Unpinned& row : kUnpinned) EXPECT_GT(accepted[row.suffix], 0) << row.suffix;
}

// Members that a receipt may lack.
constexpr std::string_view kOptional[] = {
    "/corrections",           // empty in every receipt that passes
    "/performance_baseline",  // empty, kept for readers of schema 1.0.0
    "/evidence/crit/0",       // a writer chooses what readers must understand
    "/evidence/crit/1",
    "/evidence/crit/2",
    "/evidence/crit/3",
    "/evidence/perf/samples/2",  // a repetition on the other side of the median: only a run plan could ask for it
};

void RemoveAt(JsonValue& root, const std::string& path) {
  const size_t slash = path.rfind('/');
  JsonValue& parent = *root.AtPath(path.substr(0, slash));
  const JsonValue* target = root.AtPath(path);
  if (parent.is_array()) {
    parent.array().erase(parent.array().begin() + (target - parent.array().data()));
  } else {
    std::erase_if(parent.object(), [&](const JsonMember& member) { return &member.value == target; });
  }
}

TEST(HonestReceiptTest, NothingButTheOptionalMayBeAbsent) {
  int removed = 0;
  for (const HonestRun& run : PerturbedRuns()) {
    const JsonValue honest = EncodeReceipt(HonestReceipt(run));
    std::vector<std::string> paths;
    CollectPaths(honest, "", /*subtrees=*/true, paths);
    for (const std::string& path : paths) {
      JsonValue receipt = honest;
      RemoveAt(receipt, path);
      const bool optional = std::find(std::begin(kOptional), std::end(kOptional), path) != std::end(kOptional);
      EXPECT_EQ(Accepted(receipt), optional) << Describe(run) << " without " << path;
      ++removed;
    }
  }
  EXPECT_GT(removed, 1000);
}

// Deleting a wrong count, or anything around it, does not make the rest believable.
TEST(HonestReceiptTest, DeletionNeverRescuesAWrongCount) {
  const JsonValue honest = EncodeReceipt(HonestReceipt(HonestRun{}));
  std::vector<std::string> integers;
  CollectPaths(honest, "", /*subtrees=*/false, integers);
  for (const std::string& path : integers) {
    if (!honest.AtPath(path)->is_integer() || IsUnpinned(path, HonestRun{})) continue;
    for (std::string above = path; !above.empty(); above.resize(above.rfind('/'))) {
      JsonValue receipt = honest;
      *receipt.AtPath(path) = JsonValue::Int(*receipt.AtPath(path)->AsInt64() + 1);
      RemoveAt(receipt, above);
      EXPECT_FALSE(Accepted(receipt)) << path << " + 1 without " << above;
    }
  }
}

TEST(HonestReceiptTest, TokensPerSecondIsExactToTheLastBit) {
  receipt::Receipt receipt = HonestReceipt(HonestRun{});
  const double honest = receipt.tokens_per_second();
  for (const double towards : {0.0, 1e9}) {
    receipt.set_tokens_per_second(std::nextafter(honest, towards));
    EXPECT_EQ(Audit(WriteReceiptJson(receipt)).verdict, Verdict::kReject);
  }
}

// The figures of docs/receipt_spec.md for 2B-4T, counted by hand from its graph.
TEST(HonestReceiptTest, CountsOf2B4TAreThePublishedOnes) {
  const receipt::Receipt receipt = HonestReceipt(HonestRun{});  // one prefill pass of 512 and 127 decode steps
  std::map<std::string, receipt::Evidence::KernelCount> counts;
  for (const auto& count : receipt.evidence().kernel_counts()) counts[count.id()] = count;
  EXPECT_EQ(counts["i2s_gemv_avx512vnni"].calls(), 26670u);  // 127 x 210
  EXPECT_EQ(counts["i2s_gemv_avx512vnni"].macs(), 127 * uint64_t{2'084'044'800});
  EXPECT_EQ(counts["i2s_gemv_avx512vnni"].bytes(), 127 * uint64_t{521'011'200});
  EXPECT_EQ(counts["i2s_gemm_avx512vnni"].calls(), 210u);
  EXPECT_EQ(counts["i2s_gemm_avx512vnni"].rows(), 210u * 512);
  EXPECT_EQ(counts["i2s_gemm_avx512vnni"].macs(), 512 * uint64_t{2'084'044'800});
  EXPECT_EQ(counts["head_f16_avx512"].calls(), 128u);
  EXPECT_EQ(counts["head_f16_avx512"].macs(), 128 * uint64_t{328'335'360});
  EXPECT_EQ(counts["rms_norm_f32_avx512"].calls(), 128u * 121);
  EXPECT_EQ(counts["act_quant_i8_avx512"].calls(), 128u * 120);
  EXPECT_EQ(counts["rope_f32_avx512"].calls(), 128u * 60);
  EXPECT_EQ(counts["attention_f16kv_avx512"].calls(), 128u * 30);
  EXPECT_EQ(counts["relu2_mul_f32_avx512"].calls(), 128u * 30);
  EXPECT_EQ(counts["residual_add_f32_avx512"].calls(), 128u * 60);
  EXPECT_EQ(counts["argmax_f32_avx512"].calls(), 128u);
  EXPECT_EQ(receipt.evidence().model().n_tensors(), 332u);
  // Row t attends to t + 1 keys: 639 positions, 20 heads of 128, twice (scores and values), 30 layers.
  EXPECT_EQ(counts["attention_f16kv_avx512"].macs(), uint64_t{639} * 640 / 2 * 20 * 128 * 2 * 30);
}

}  // namespace
}  // namespace bitnet::verify
