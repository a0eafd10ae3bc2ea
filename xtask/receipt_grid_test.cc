// Receipts of real runs, made exactly as `xtask infer` and `xtask benchmark` make them: the auditor accepts every
// honest one, and none that differs in a count.

#include <algorithm>
#include <atomic>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/receipt_builder.h"
#include "bitnet/engine/repeating_model.h"
#include "bitnet/gguf/gguf_editor.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "gtest/gtest.h"
#include "verify/audit.h"
#include "xtask/program_run.h"
#include "xtask/receipt_output.h"

namespace bitnet::xtask {
namespace {

constexpr Setting kSettings[] = {
    {.name = "greedy", .prompt = 33, .tokens = 9},
    {.name = "top_k_top_p",
     .prompt = 5,
     .tokens = 12,
     .sampling = {.temperature = 0.8f, .top_k = 40, .top_p = 0.95f, .seed = 7}},
    {.name = "min_p_penalty",
     .prompt = 1,
     .tokens = 3,
     .sampling = {.temperature = 1.5f, .min_p = 0.05f, .repetition_penalty = 1.3f, .seed = (uint64_t{1} << 53) - 1}},
    {.name = "one_token", .prompt = 45, .tokens = 1, .sampling = {.temperature = 1, .seed = 3}},
};
constexpr Setting kTinySetting = {
    .name = "every_logit", .prompt = 40, .tokens = 5, .sampling = {.temperature = 1, .seed = 1}, .every_logit = true};
constexpr Setting kLlamaSetting = {.name = "llama", .prompt = 20, .tokens = 4};
constexpr Setting kMiniSetting = {.name = "mini", .prompt = 20, .tokens = 4};
constexpr int kThreads[] = {1, 2, 3, 5};
constexpr int64_t kChunks[] = {1, 7, 32, 4096};  // 4096: the whole prompt at once

verify::AuditReport Audit(const std::string& text) { return verify::AuditReceiptText(text, {}, absl::Now()); }
bool Accepted(const JsonValue& receipt) { return Audit(WritePrettyJson(receipt)).verdict == verify::Verdict::kAccept; }

// What one step up or down leaves as true as before: measured times and sizes, and what the user chose freely. The
// auditor's own tests (verify/testing/honest_receipt_test.cc) show that none of these rows can be dropped.
constexpr std::string_view kMeasured[] = {
    "_ns",
    "/ns",
    "/tsc",
    "/evidence/host/cores",
    "/evidence/host/threads",
    "/evidence/host/llc_bytes",
    "/evidence/host/read_bw_probe_mbps",
    "/evidence/host/peak_rss_bytes",
    "/evidence/model/file_bytes",
    "/evidence/model/arch/context_length",
    "/evidence/sampling/seed",
    "/evidence/sampling/top_k",
    "/evidence/sampling/repetition_window",
    "/evidence/speculation/max_draft",
};
// Times that an equation pins to the nanosecond all the same.
constexpr std::string_view kPinnedTimes[] = {
    "/evidence/timing/load_ns",         "/evidence/timing/prefill_ns",
    "/evidence/timing/decode_ns",       "/evidence/timing/overhead_ns",
    "/evidence/timing/wall_ns",         "/evidence/timing/cpu_ns",
    "/evidence/timing/ttft_ns",         "/evidence/timing/clock/end/monotonic_raw_ns",
    "/evidence/perf/decode_tps_den_ns", "/evidence/timing/clock/end/process_cpu_ns",
};

bool IsMeasured(std::string_view path) {
  if (std::find(std::begin(kPinnedTimes), std::end(kPinnedTimes), path) != std::end(kPinnedTimes)) return false;
  return std::any_of(std::begin(kMeasured), std::end(kMeasured),
                     [&](std::string_view suffix) { return absl::EndsWith(path, suffix); });
}

void CollectLeaves(const JsonValue& value, const std::string& path, std::vector<std::string>& paths) {
  if (value.is_object()) {
    for (const JsonMember& member : value.object()) CollectLeaves(member.value, ChildPath(path, member.name), paths);
  } else if (value.is_array()) {
    for (size_t i = 0; i < value.array().size(); ++i) CollectLeaves(value.array()[i], ChildPath(path, i), paths);
  } else {
    paths.push_back(path);
  }
}

// Every integer up and down by one; returns how many changes were tried.
int ExpectNoNeighbourIsAccepted(const RunReport& report, const std::string& what) {
  JsonValue receipt = EncodeReceipt(report.receipt);
  std::vector<std::string> paths;
  CollectLeaves(receipt, "", paths);
  int changed = 0;
  for (const std::string& path : paths) {
    JsonValue& value = *receipt.AtPath(path);
    if (!value.is_integer() || IsMeasured(path)) continue;
    const int64_t honest = *value.AsInt64();
    for (const int64_t delta : {-1, 1}) {
      value = JsonValue::Int(honest + delta);
      EXPECT_FALSE(Accepted(receipt)) << what << ": " << path << " = " << honest << " + " << delta;
      ++changed;
    }
    value = JsonValue::Int(honest);
  }
  return changed;
}

// Digests in another spelling than 64 lower-case hexadecimal digits are refused.
void ExpectDigestsHaveOneForm(const RunReport& report) {
  for (const char* path : {"/evidence/tokens/output_ids_digest", "/evidence/tokens/prompt_ids_digest",
                           "/evidence/model/ternary_digest", "/evidence/build/exe_sha256", "/model_info/sha256"}) {
    JsonValue receipt = EncodeReceipt(report.receipt);
    const std::string honest = receipt.AtPath(path)->string();
    for (const std::string& other : {honest.substr(1), honest + "0", absl::AsciiStrToUpper(honest), std::string(),
                                     absl::StrCat("0x", honest.substr(2))}) {
      *receipt.AtPath(path) = JsonValue::String(other);
      EXPECT_FALSE(Accepted(receipt)) << path << " = " << other;
    }
  }
}

class ReceiptGrid : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!DetectIsaSet().Has(GetParam())) {
      GTEST_SKIP() << "this CPU lacks " << IsaName(GetParam()) << ": no receipts of its kernels";
    }
  }

  RunReport Once(const std::string& preset, int threads, int64_t chunk, const Setting& setting) {
    const std::string what =
        absl::StrCat(preset, " ", IsaName(GetParam()), " ", threads, " threads, chunk ", chunk, ", ", setting.name);
    ProgramRun run(SyntheticModelPath(preset), GetParam(), threads, chunk);
    run.Generate(setting);
    RunReport report = run.Report();
    ++receipts_;
    accepted_ += report.audit.verdict == verify::Verdict::kAccept;
    EXPECT_EQ(report.audit.level, verify::Level::kL1);
    EXPECT_EQ(report.audit.verdict, verify::Verdict::kAccept) << what << "\n" << VerdictLine(report.audit, "receipt");
    EXPECT_EQ(report.receipt.compute_path(), "real") << what;
    // Every twelfth with every neighbour: 8 of each instruction set.
    if (receipts_ % 11 == 1) {
      changes_ += ExpectNoNeighbourIsAccepted(report, what);
      ExpectDigestsHaveOneForm(report);
      ++changed_receipts_;
    }
    return report;
  }

  int receipts_ = 0;
  int accepted_ = 0;
  int changed_receipts_ = 0;
  int changes_ = 0;
};

TEST_P(ReceiptGrid, HonestReceiptsAreAcceptedAndTheirNeighboursRefused) {
  for (const int threads : kThreads) {
    for (const int64_t chunk : kChunks) {
      for (const Setting& setting : kSettings) Once("nano", threads, chunk, setting);
      Once("tiny", threads, chunk, kTinySetting);
    }
    Once("tiny-llama", threads, 7, kLlamaSetting);
    Once("mini", threads, 4096, kMiniSetting);
  }
  EXPECT_EQ(receipts_, 88);
  EXPECT_GE(changed_receipts_, 7);
  EXPECT_GT(changes_, 7 * 100);
  std::cout << IsaName(GetParam()) << ": " << accepted_ << " of " << receipts_ << " honest receipts accepted; "
            << changes_ << " changes by one in " << changed_receipts_ << " of them\n";
}

// 3 x 88 receipts.
INSTANTIATE_TEST_SUITE_P(Isas, ReceiptGrid, testing::Values(Isa::kScalar, Isa::kAvx2, Isa::kAvx512Vnni),
                         [](const auto& info) { return std::string(IsaName(info.param)); });

Isa BestIsa() { return DetectIsaSet().Has(Isa::kAvx2) ? Isa::kAvx2 : Isa::kScalar; }

TEST(ReceiptTest, RepetitionsOfABenchmark) {
  for (const int repetitions : {1, 2, 5}) {
    ProgramRun run(SyntheticModelPath("nano"), BestIsa(), 2, 32);
    std::vector<Completion> done;
    std::vector<ClockTuple> ends;
    for (int i = 0; i < repetitions; ++i) {
      run.session->Reset();
      run.Generate(kSettings[0]);
      done.push_back(*run.completion);
      ends.push_back(run.context.end);
      run.context.samples.push_back({run.completion->prefill_ns, run.completion->decode_ns});
    }
    std::vector<size_t> order(done.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return done[a].decode_ns < done[b].decode_ns; });
    const size_t median = order[(order.size() - 1) / 2];
    run.context.repetition = median;
    run.context.end = ends[median];
    run.completion = done[median];
    const RunReport report = run.Report();
    EXPECT_EQ(report.audit.verdict, verify::Verdict::kAccept) << VerdictLine(report.audit, "receipt");
    EXPECT_EQ(report.receipt.evidence().perf().samples_size(), repetitions);
    ExpectNoNeighbourIsAccepted(report, absl::StrCat(repetitions, " repetitions"));
  }
}

// Runs that verify drafts: on every instruction set, drafts all right and some wrong, ended within one.
TEST(ReceiptTest, RunsWithDraftsAreAcceptedAndNoneThatDiffersInACount) {
  const std::string path = testing::TempDir() + "/repeating.gguf";
  WriteRepeatingModel(SyntheticModelPath("nano"), path);
  const Setting kDrafting[] = {
      {.name = "greedy", .prompt = 5, .tokens = 40, .max_draft = 7},
      {.name = "sampled",
       .prompt = 5,
       .tokens = 40,
       .sampling = {.temperature = 1.5f, .top_k = 8, .seed = 2},
       .max_draft = 15},
      {.name = "whole_head", .prompt = 5, .tokens = 30, .sampling = {.temperature = 0.5f, .seed = 2}, .max_draft = 3},
      {.name = "every_logit", .prompt = 5, .tokens = 20, .every_logit = true, .max_draft = 4},
  };
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512Vnni}) {
    if (!DetectIsaSet().Has(isa)) continue;
    for (const Setting& setting : kDrafting) {
      const std::string what = absl::StrCat(IsaName(isa), " ", setting.name);
      ProgramRun run(path, isa, 2, 32);
      run.request.ignore_eos = true;
      run.Generate(setting);
      EXPECT_GT(run.completion->accepted, 0u) << what;
      const RunReport report = run.Report();
      EXPECT_EQ(report.audit.verdict, verify::Verdict::kAccept) << what << "\n" << VerdictLine(report.audit, "receipt");
      EXPECT_EQ(report.receipt.compute_path(), "real") << what;
      ExpectNoNeighbourIsAccepted(report, what);
    }
  }
}

TEST(ReceiptTest, AnInterruptedRunSaysSoAndIsRefused) {
  ProgramRun run(SyntheticModelPath("nano"), BestIsa(), 2, 32);
  const std::atomic<bool> cancelled{true};
  run.request.cancelled = &cancelled;
  run.Generate(kSettings[0]);
  const RunReport report = run.Report();
  EXPECT_EQ(report.receipt.evidence().outcome().status(), "aborted");
  EXPECT_EQ(report.receipt.evidence().outcome().exit(), 130u);
  EXPECT_EQ(report.receipt.evidence().outcome().finish_reason(), "interrupted");
  EXPECT_EQ(report.receipt.compute_path(), "incomplete");
  EXPECT_EQ(report.audit.verdict, verify::Verdict::kReject);
}

// Saying otherwise does not help: the counts of what ran are still those of an unfinished run.
TEST(ReceiptTest, AnInterruptedRunThatClaimsToBeWholeIsRefused) {
  ProgramRun run(SyntheticModelPath("nano"), BestIsa(), 2, 32);
  const std::atomic<bool> cancelled{true};
  run.request.cancelled = &cancelled;
  run.Generate(kSettings[0]);
  RunReport report = run.Report();
  report.receipt.set_compute_path("real");
  report.receipt.mutable_evidence()->mutable_outcome()->set_status("completed");
  report.receipt.mutable_evidence()->mutable_outcome()->set_exit(0);
  report.receipt.mutable_evidence()->mutable_outcome()->set_finish_reason("length");
  EXPECT_EQ(Audit(WriteReceiptJson(report.receipt)).verdict, verify::Verdict::kReject);
}

// The recorder as it would be had one call, row, multiply-accumulate or byte of one kernel not happened.
Recorder WithLess(const Recorder& whole, KernelId kernel, const WorkCount& missing) {
  Recorder less;
  for (const KernelInfo& info : KernelTable()) {
    const KernelRecord& record = whole.record(info.kernel);
    WorkCount work = record.work;
    if (info.kernel == kernel) {
      work = {work.calls - missing.calls, work.rows - missing.rows, work.macs - missing.macs,
              work.bytes - missing.bytes};
    }
    less.Record(info.kernel, work, record.ns);
  }
  for (const ScheduleEntry& entry : whole.schedule()) {
    for (uint64_t i = 0; i < entry.steps; ++i) less.RecordStep(entry.kind, entry.rows, entry.logit_rows);
  }
  return less;
}

TEST(ReceiptTest, ARecorderThatLacksACallMakesTheRunIncomplete) {
  ProgramRun run(SyntheticModelPath("nano"), BestIsa(), 2, 32);
  run.Generate(kSettings[0]);
  const Completion honest = *run.completion;
  EXPECT_EQ(DeriveComputePath(*run.session, run.request, honest), "real");
  int kernels = 0;
  for (const KernelInfo& kernel : KernelTable()) {
    const WorkCount& work = honest.recorded.record(kernel.kernel).work;
    if (work.calls == 0) continue;
    ++kernels;
    for (const WorkCount& missing :
         {WorkCount{.calls = 1}, WorkCount{.rows = 1}, WorkCount{.macs = 1}, WorkCount{.bytes = 1}, work}) {
      run.completion = honest;
      run.completion->recorded = WithLess(honest.recorded, kernel.kernel, missing);
      EXPECT_EQ(DeriveComputePath(*run.session, run.request, *run.completion), "incomplete") << kernel.id;
    }
    run.completion->recorded = WithLess(honest.recorded, kernel.kernel, {.calls = 1});
    const RunReport report = run.Report();
    EXPECT_EQ(report.receipt.compute_path(), "incomplete");
    EXPECT_EQ(report.audit.verdict, verify::Verdict::kReject) << kernel.id;
  }
  EXPECT_GE(kernels, 13);
}

// Runs that end before their limit: by an end-of-generation token (the file is changed so that a token which is
// generated is one) and by a stop string.
TEST(ReceiptTest, RunsThatEndEarlyAreAccepted) {
  ProgramRun first(SyntheticModelPath("nano"), BestIsa(), 2, 32);
  first.Generate(kSettings[0]);
  const TokenId third = first.completion->output[2];
  const auto file = MappedFile::Open(SyntheticModelPath("nano"));
  ASSERT_TRUE(file.ok());
  GgufEditor editor(file->bytes());
  editor.SetU32("tokenizer.ggml.eos_token_id", static_cast<uint32_t>(third));
  const std::vector<uint8_t> bytes = editor.Bytes();
  const std::string path = testing::TempDir() + "/eos.gguf";
  ASSERT_TRUE(WriteFileAtomically(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}).ok());
  ProgramRun ended(path, BestIsa(), 2, 32);
  ended.Generate(kSettings[0]);
  EXPECT_EQ(ended.completion->finish, FinishReason::kEos);
  EXPECT_LE(ended.completion->output.size(), 3u);
  const RunReport by_eos = ended.Report();
  EXPECT_EQ(by_eos.audit.verdict, verify::Verdict::kAccept) << VerdictLine(by_eos.audit, "receipt");

  ProgramRun stopped(SyntheticModelPath("nano"), BestIsa(), 2, 32);
  stopped.request.stop = {*stopped.model->tokenizer.TokenBytes(third, /*special=*/false)};
  stopped.Generate(kSettings[0]);
  EXPECT_EQ(stopped.completion->finish, FinishReason::kStop);
  const RunReport by_stop = stopped.Report();
  EXPECT_EQ(by_stop.audit.verdict, verify::Verdict::kAccept) << VerdictLine(by_stop.audit, "receipt");

  // The same run with the tokens masked that would have ended it.
  ProgramRun masked(path, BestIsa(), 2, 32);
  masked.request.ignore_eos = true;
  masked.Generate(kSettings[0]);
  EXPECT_EQ(masked.completion->output.size(), 9u);
  const RunReport by_length = masked.Report();
  EXPECT_EQ(by_length.audit.verdict, verify::Verdict::kAccept) << VerdictLine(by_length.audit, "receipt");
}

// The text that is audited is the text that is written.
TEST(ReceiptTest, TheFileIsWhatWasAudited) {
  ProgramRun run(SyntheticModelPath("nano"), BestIsa(), 1, 32);
  run.Generate(kSettings[0]);
  const std::string path = testing::TempDir() + "/receipt.json";
  const ReceiptFlags flags{.receipt = path};
  const auto report =
      WriteReceipt(flags, *run.session, run.request, *run.completion, run.context, run.ProvenanceOfModel(), {}, {});
  ASSERT_TRUE(report.ok()) << report.status();
  const auto file = MappedFile::Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(report->text, std::string_view(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size()));
  EXPECT_EQ(report->audit.verdict, verify::Verdict::kAccept) << VerdictLine(report->audit, path);
  EXPECT_FALSE(WriteReceipt({.receipt = "/nowhere/receipt.json"}, *run.session, run.request, *run.completion,
                            run.context, run.ProvenanceOfModel(), {}, {})
                   .ok());
}

}  // namespace
}  // namespace bitnet::xtask
