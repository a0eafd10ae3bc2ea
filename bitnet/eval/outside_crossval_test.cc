// Logits that outside engines wrote, through the same comparison that the command line makes.
//
// The bounds are those of the material's own README: cosine mean 0.9996 and relative 3e-2 mean that the graph is right;
// llama.cpp rounds activations per 256 values, which adds its own 3.3e-2.

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "bitnet/arrays/array_set.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/session.h"
#include "bitnet/eval/crossval.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr char kFolder[] = "external/shared_data/models/";

struct Case {
  const char* model;
  const char* reference;
  uint64_t rows;
  double relative;
  double mean_cosine;
  Tolerances tolerances;
};

class OutsideCrossval : public testing::TestWithParam<Case> {};

TEST_P(OutsideCrossval, AgreesWithinTheStatedBounds) {
  const Case& c = GetParam();
  const std::string folder = kFolder;
  if (!std::ifstream(folder + c.reference)) GTEST_SKIP() << folder << " is absent: " << c.reference;
  const auto reference = ArraySet::Open(folder + c.reference, {.shape = {c.rows, 2048}});
  ASSERT_TRUE(reference.ok()) << reference.status();
  const auto prompt = ReadIdsFile(folder + "prompt-32.i32");
  ASSERT_TRUE(prompt.ok()) << prompt.status();
  const auto ids = ContinueGreedily(*prompt, *reference);
  ASSERT_TRUE(ids.ok()) << ids.status();
  ThreadPool pool(2);
  const auto model = LoadedModel::Load(folder + c.model, pool);
  ASSERT_TRUE(model.ok()) << model.status();
  const auto session = Session::Create(**model, pool, {.isa = DetectIsaSet(), .context = 64});
  ASSERT_TRUE(session.ok()) << session.status();
  const auto report = CompareWithEngine(*reference, **session, *ids, nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  const RecordComparison& logits = report->front();
  std::printf("%s: relative %.3e (worst row %.3e), cosine mean %.6f, min %.6f, KL %.2e, top-1 %zu of %zu\n",
              c.reference, logits.relative(), logits.worst_relative(), logits.mean_cosine(), logits.min_cosine(),
              logits.mean_kl(), logits.top1_equal(), logits.rows().size());
  EXPECT_EQ(logits.rows().size(), c.rows);
  EXPECT_LE(logits.relative(), c.relative);
  EXPECT_GE(logits.mean_cosine(), c.mean_cosine);
  EXPECT_FALSE(FirstDivergence(*report, c.tolerances).has_value());
  // The same rows one position later are another text: it must not pass.
  std::vector<TokenId> shifted(ids->begin() + 1, ids->end());
  shifted.push_back(0);
  (*session)->Reset();
  const auto wrong = CompareWithEngine(*reference, **session, shifted, nullptr);
  ASSERT_TRUE(wrong.ok()) << wrong.status();
  EXPECT_TRUE(FirstDivergence(*wrong, c.tolerances).has_value());
}

constexpr Tolerances kLoose = {.max_relative = 6.3e-2, .min_cosine = 0.997};

INSTANTIATE_TEST_SUITE_P(All, OutsideCrossval,
                         testing::Values(Case{"tiny-i2_s.gguf", "tiny-i2_s.numpy.logits.f32", 32, 3e-2, 0.9996, {}},
                                         Case{"tiny-i2_s.gguf", "tiny-i2_s.bitnetcpp.logits.f32", 40, 3e-2, 0.9996, {}},
                                         Case{"tiny-lcpp-tq2_0.gguf", "tiny-tq2_0.llamacpp.logits.f32", 40, 6.3e-2,
                                              0.998, kLoose}));

}  // namespace
}  // namespace bitnet
