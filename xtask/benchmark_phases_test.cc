#include "xtask/benchmark_phases.h"

#include <vector>

#include "bitnet/kernels/catalog/catalog.h"
#include "gtest/gtest.h"

namespace bitnet::xtask {
namespace {

constexpr ArchShape kShape = {
    .layers = 2, .hidden = 256, .ffn = 512, .heads = 4, .kv_heads = 2, .head_dim = 64, .vocab = 1000};
const IsaSet kScalar = IsaClosure(Isa::kScalar);

// Two bits a weight: query and output, key and value, gate, up and down.
constexpr uint64_t kTernary = 2 * (2 * 256 * 256 + 2 * 128 * 256 + 3 * 256 * 512) / 4;
constexpr uint64_t kHead = 1000 * 256 * 2;       // f16
constexpr uint64_t kScreen = 1000 * (256 + 16);  // int8, a scale and bounds
constexpr uint64_t kEmbedding = 256 * 2;
constexpr uint64_t kKey = 2 * 2 * 2 * 64 * 2;  // a key and its value in both layers, f16

TEST(DecodeBytesPerTokenTest, IsWhatTheDecodePassesRead) {
  Recorder recorder;
  EXPECT_EQ(DecodeBytesPerToken(kShape, kScalar, recorder), 0u);
  recorder.RecordStep(StepKind::kPrefill, 5, 1);
  EXPECT_EQ(DecodeBytesPerToken(kShape, kScalar, recorder), 0u) << "a prompt alone decodes nothing";
  for (int i = 0; i < 3; ++i) recorder.RecordStep(StepKind::kDecode, 1, 1);
  // They see 6, 7 and 8 keys.
  EXPECT_EQ(DecodeBytesPerToken(kShape, kScalar, recorder), kTernary + kHead + kEmbedding + 7 * kKey);
}

TEST(DecodeBytesPerTokenTest, AScreenedRowHasItsShareOfTheHeadsRows) {
  Recorder recorder;
  recorder.RecordStep(StepKind::kPrefill, 5, 1);
  for (int i = 0; i < 3; ++i) recorder.RecordStep(StepKind::kDecode, 1, 1);
  // 40 rows of the head were left in the four passes together.
  for (int i = 0; i < 4; ++i) {
    recorder.Record(SelectKernel(Op::kLogitsScreening, 1, kScalar), HeadScreenWork(1, kShape.vocab, kShape.hidden), 1);
    recorder.Record(SelectKernel(Op::kLogitsProjection, 1, kScalar), HeadRowsWork(10, kShape.hidden), 1);
  }
  EXPECT_EQ(DecodeBytesPerToken(kShape, kScalar, recorder), kTernary + kScreen + 10 * 256 * 2 + kEmbedding + 7 * kKey);
}

TEST(DecodeBytesPerTokenTest, APassIsSharedByTheTokensItKept) {
  Recorder recorder;
  recorder.RecordStep(StepKind::kPrefill, 5, 1);
  recorder.RecordStep(StepKind::kDecode, 4, 4);
  constexpr uint64_t kPass = kTernary + kHead + 4 * kEmbedding + (6 + 7 + 8 + 9) * kKey;
  EXPECT_EQ(DecodeBytesPerToken(kShape, kScalar, recorder), kPass / 4);
  recorder.RejectRows(2);
  EXPECT_EQ(DecodeBytesPerToken(kShape, kScalar, recorder), kPass / 2);
}

Completion Completed(uint64_t prefill_ns, uint64_t decode_ns, size_t output) {
  Completion run;
  run.prompt.assign(5, 1);
  run.output.assign(output, 2);
  run.prefill_ns = prefill_ns;
  run.decode_ns = decode_ns;
  run.drafted = 9;
  run.accepted = 4;
  run.recorded.RecordStep(StepKind::kPrefill, 5, 1);
  run.recorded_prefill = run.recorded;
  for (size_t i = 1; i < output; ++i) run.recorded.RecordStep(StepKind::kDecode, 1, 1);
  return run;
}

TEST(SinglePhasesTest, TimesAreOfAllAndOperationsOfTheOneShown) {
  const Completion runs[] = {Completed(30, 3000, 4), Completed(10, 1000, 4), Completed(20, 2000, 4)};
  const Completion* const repetitions[] = {&runs[0], &runs[1], &runs[2]};
  PhaseFacts facts{.shape = kShape, .isa = kScalar, .shown = 2, .probe_mbps = 1'000'000};
  const std::vector<PhaseResult> phases = SinglePhases(facts, repetitions);
  ASSERT_EQ(phases.size(), 2u);
  EXPECT_EQ(phases[0].test, "pp5");
  EXPECT_EQ(phases[0].n_prompt, 5u);
  EXPECT_EQ(phases[0].timed_tokens, 5u);
  EXPECT_EQ(phases[0].samples_ns, (std::vector<uint64_t>{30, 10, 20}));
  EXPECT_EQ(phases[0].total_ns, 20u);
  EXPECT_EQ(phases[0].bytes_per_token, 0u);
  const PhaseResult& decode = phases[1];
  EXPECT_EQ(decode.test, "tg4");
  EXPECT_EQ(decode.n_gen, 4u);
  EXPECT_EQ(decode.timed_tokens, 3u) << "the first is chosen in prefill";
  EXPECT_EQ(decode.samples_ns, (std::vector<uint64_t>{3000, 1000, 2000}));
  EXPECT_EQ(decode.total_ns, 2000u);
  EXPECT_EQ(decode.bytes_per_token, DecodeBytesPerToken(kShape, kScalar, runs[2].recorded));
  // 3 tokens in 2000 ns, of a probe of 1000 GB/s.
  const double gbps = static_cast<double>(decode.bytes_per_token) * 3 / 2000;
  EXPECT_DOUBLE_EQ(decode.read_bw_gbps, gbps);
  EXPECT_DOUBLE_EQ(decode.roofline_share, gbps / 1000);
  facts.max_draft = 7;
  facts.probe_mbps = 0;
  const PhaseResult drafted = SinglePhases(facts, repetitions)[1];
  EXPECT_EQ(drafted.test, "tg4+7");
  EXPECT_EQ(drafted.max_draft, 7u);
  EXPECT_EQ(drafted.drafted, 9u);
  EXPECT_EQ(drafted.accepted, 4u);
  EXPECT_EQ(drafted.roofline_share, 0) << "of no probe there is no share";
}

TEST(SinglePhasesTest, OneTokenHasNoDecode) {
  const Completion run = Completed(30, 0, 1);
  const Completion* const repetitions[] = {&run};
  EXPECT_EQ(SinglePhases({.shape = kShape, .isa = kScalar}, repetitions).size(), 1u);
}

}  // namespace
}  // namespace bitnet::xtask
