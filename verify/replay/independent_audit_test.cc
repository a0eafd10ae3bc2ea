// The independent path against the engine: what was run honestly agrees to the last bit, whatever ran it, and the
// report says what was compared.

#include <optional>
#include <string>

#include "absl/log/check.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/testing_model.h"
#include "gtest/gtest.h"
#include "verify/independent/audit.h"
#include "verify/replay/independent_audit_testing.h"

namespace bitnet::verify {
namespace {

TEST_F(IndependentAuditTest, HonestRunsAgreeOnEveryLeaf) {
  const Way ways[] = {{},
                      {.isa = Isa::kScalar, .threads = 3, .chunk = 7},
                      {.isa = Isa::kAvx2, .threads = 2, .chunk = 1, .prompt = 1, .tokens = 20},
                      {.sampling = {.temperature = 1.2f, .top_k = 50, .seed = 7}}};
  for (const Way& way : ways) {
    const Commitment commitment = RunOf(path(), way);
    const size_t positions = static_cast<size_t>(way.prompt + way.tokens - 1);
    ASSERT_EQ(commitment.numerics.size(), positions);
    for (const bool engine : {false, true}) {
      const IndependentReport report = engine ? AuditWithEngine(path(), commitment, path()) : Audit(path(), commitment);
      EXPECT_EQ(Text(report), "");
      EXPECT_EQ(report.tally.positions, positions);
      EXPECT_EQ(report.tally.products_tested, positions * 3 * 7);
      EXPECT_EQ(report.tally.products_recomputed, 0u);
      EXPECT_EQ(report.tally.layers_compared, positions * 3);
      EXPECT_EQ(report.tally.choices_compared, static_cast<uint64_t>(way.tokens));
      EXPECT_EQ(report.choices, static_cast<uint64_t>(way.tokens));
      EXPECT_EQ(report.tally.largest_chosen == report.choices, way.sampling.IsArgmax());
      EXPECT_GE(report.error_bits(), 64 - 11);
    }
  }
}

// 300 positions are two blocks of attention.
TEST_F(IndependentAuditTest, LongRunsAgree) {
  const Commitment commitment = RunOf(path(), {.prompt = 290, .tokens = 8});
  EXPECT_EQ(Text(Audit(path(), commitment)), "");
}

TEST_F(IndependentAuditTest, NeitherChunksNorThreadsMatter) {
  for (const size_t chunk : {1, 5, 64}) {
    for (const int threads : {1, 3}) {
      EXPECT_EQ(Text(Audit(path(), honest(), nullptr, chunk, threads)), "") << chunk << " " << threads;
    }
    EXPECT_EQ(Text(AuditWithEngine(path(), honest(), path(), chunk, 3)), "") << chunk;
  }
}

TEST_F(IndependentAuditTest, ThePublishedShapeOfHeadsAgrees) {
  const TestingModel mini("mini", 3);
  EXPECT_EQ(Text(Audit(mini.path(), RunOf(mini.path(), {.prompt = 20, .tokens = 4}))), "");
}

TEST_F(IndependentAuditTest, WhatIsNotSampledIsNotSeenAndSaid) {
  Commitment commitment = honest();
  commitment.numerics[40].top1_bits ^= 1;
  ThreadPool pool(1);
  const auto audit = [&](std::optional<uint64_t> sample) {
    const auto report =
        IndependentAudit({.model_path = path(), .commitment = &commitment, .sampled_choices = sample}, pool);
    CHECK(report.ok()) << report.status();
    return *report;
  };
  const IndependentReport none = audit(0);
  EXPECT_EQ(Text(none), "");
  EXPECT_EQ(none.tally.choices_compared, 0u);
  EXPECT_NE(IndependentText(none).find("logits of 0 of 12; a single wrong one is missed with a chance of 1.0000"),
            std::string::npos)
      << IndependentText(none);
  EXPECT_NE(Text(audit(12)), "");
  EXPECT_NE(Text(audit(1000)), "");
  commitment = honest();
  const IndependentReport some = audit(3);
  EXPECT_EQ(some.tally.choices_compared, 3u);
  EXPECT_NE(IndependentText(some).find("logits of 3 of 12; a single wrong one is missed with a chance of 0.7500"),
            std::string::npos)
      << IndependentText(some);
  // Which ones is not the same each time: six of twelve, twenty times.
  commitment.numerics[40].top1_bits ^= 1;
  int seen = 0;
  for (int i = 0; i < 20; ++i) seen += audit(6).difference.has_value() ? 1 : 0;
  EXPECT_GT(seen, 0);
  EXPECT_LT(seen, 20);
}

TEST_F(IndependentAuditTest, ReportsSayWhatWasCompared) {
  const std::string text = IndependentText(Audit(path(), honest()));
  for (const char* line :
       {"agrees: every value compared is the one computed\n", "receipt: none was compared\n",
        "positions: 48 of 48, 144 digests of keys and values (3 layers)\n",
        "ternary products: 1008 by Freivalds' test, 0 computed again; a wrong one among them is missed "
        "with a chance below 2^-54\n",
        "choices: logits of 12 of 12; the token chosen has the largest logit in 12, sampling was not "
        "computed again\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
  Commitment commitment = honest();
  commitment.numerics[7].hidden[0] ^= 1;
  EXPECT_EQ(IndependentText(Audit(path(), commitment)).find("differs: position 7, hidden state after the last layer: "),
            0u);
}

}  // namespace
}  // namespace bitnet::verify
