// Models written by outside tools load here, and their logits agree with those of the outside engines.
//
// The bounds are those of the material's own README: random models amplify int8 rounding flips, so engines agree in
// cosine, not in the last digit; 0.9996 means that the graph is right, a wrong activation gives 0.945.

#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/logits_comparison.h"
#include "bitnet/engine/session.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr char kFolder[] = "external/shared_data/models/";
constexpr size_t kVocab = 2048;
constexpr size_t kPromptRows = 32;

template <typename T>
std::vector<T> ReadArray(const std::string& name) {
  std::ifstream file(kFolder + name, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

struct Bounds {
  double relative;
  double cosine_mean;
  double cosine_min;
};

// Between two engines that each differ from the float64 pass by what the README measured: the triangle inequality on
// relative differences, and 1 - cosine = relative^2 / 2 on angles.
constexpr Bounds kSameRounding = {3e-2, 0.9996, 0.9990};
constexpr Bounds kOtherRounding = {3e-2 + 3.3e-2, 0.9980, 0.9970};  // llama.cpp rounds activations per 256 values

struct Case {
  const char* model;
  const char* reference;
  Bounds bounds;
};

class OutsideLogits : public testing::TestWithParam<Case> {};

// Teacher-forced with the ids that the reference chose, so that every row has the same history.
TEST_P(OutsideLogits, AgreeWithinTheStatedBounds) {
  const Case& c = GetParam();
  const std::vector<int32_t> prompt = ReadArray<int32_t>("prompt-32.i32");
  if (prompt.empty()) GTEST_SKIP() << kFolder << " is absent: " << c.model << " was not compared";
  const std::vector<float> reference = ReadArray<float>(c.reference);
  ASSERT_EQ(prompt.size(), kPromptRows);
  ASSERT_GE(reference.size(), kPromptRows * kVocab);
  const size_t rows = reference.size() / kVocab;

  std::vector<int32_t> ids = prompt;
  for (size_t row = kPromptRows - 1; ids.size() < rows; ++row) {
    const float* logits = reference.data() + row * kVocab;
    ids.push_back(static_cast<int32_t>(std::max_element(logits, logits + kVocab) - logits));
  }
  ThreadPool pool(2);
  const auto model = LoadedModel::Load(std::string(kFolder) + c.model, pool);
  ASSERT_TRUE(model.ok()) << model.status();
  const auto session = Session::Create(**model, pool, {.isa = DetectIsaSet(), .context = 128});
  ASSERT_TRUE(session.ok()) << session.status();
  std::vector<float> logits;
  const absl::Status status = (*session)->Prefill(
      ids, [&](std::span<const float> row) { logits.insert(logits.end(), row.begin(), row.end()); });
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(logits.size(), reference.size());

  const LogitsComparison compared = CompareLogits(logits, reference, kVocab);
  RecordProperty("relative", std::to_string(compared.relative));
  RecordProperty("cosine_mean", std::to_string(compared.cosine_mean));
  std::printf("%s against %s: relative %.3e, cosine mean %.6f, min %.6f\n", c.model, c.reference, compared.relative,
              compared.cosine_mean, compared.cosine_min);
  EXPECT_LE(compared.relative, c.bounds.relative);
  EXPECT_GE(compared.cosine_mean, c.bounds.cosine_mean);
  EXPECT_GE(compared.cosine_min, c.bounds.cosine_min);

  // Greedy choices are equal wherever the reference's top-1 margin exceeds what the bound lets a difference of two
  // logits be: the bound on the relative difference, times the spread of the row, times sqrt(2) for two logits, times 4
  // because the bound is on the RMS and a single logit of 2048 may be 4 sigma off.
  size_t decided = 0;
  for (size_t row = 0; row < rows; ++row) {
    const float* expected = reference.data() + row * kVocab;
    const float* got = logits.data() + row * kVocab;
    const size_t best = static_cast<size_t>(std::max_element(expected, expected + kVocab) - expected);
    double second = -1e30, mean = 0, power = 0;
    for (size_t i = 0; i < kVocab; ++i) {
      if (i != best) second = std::max(second, static_cast<double>(expected[i]));
      mean += expected[i] / static_cast<double>(kVocab);
    }
    for (size_t i = 0; i < kVocab; ++i)
      power += (expected[i] - mean) * (expected[i] - mean) / static_cast<double>(kVocab);
    if (expected[best] - second <= c.bounds.relative * std::sqrt(power) * 4 * 1.4143) continue;
    ++decided;
    EXPECT_EQ(static_cast<size_t>(std::max_element(got, got + kVocab) - got), best) << "row " << row;
  }
  EXPECT_GT(decided, 0u) << "no row had a margin above the bound: nothing was compared";
}

INSTANTIATE_TEST_SUITE_P(All, OutsideLogits,
                         testing::Values(Case{"tiny-i2_s.gguf", "tiny-i2_s.numpy.logits.f32", kSameRounding},
                                         Case{"tiny-i2_s.gguf", "tiny-i2_s.bitnetcpp.logits.f32", kSameRounding},
                                         Case{"tiny-lcpp-tq2_0.gguf", "tiny-i2_s.numpy.logits.f32", kSameRounding},
                                         Case{"tiny-lcpp-tq1_0.gguf", "tiny-i2_s.numpy.logits.f32", kSameRounding},
                                         Case{"tiny-lcpp-tq2_0.gguf", "tiny-tq2_0.llamacpp.logits.f32", kOtherRounding},
                                         Case{"tiny-lcpp-tq1_0.gguf", "tiny-tq2_0.llamacpp.logits.f32",
                                              kOtherRounding}));

}  // namespace
}  // namespace bitnet
