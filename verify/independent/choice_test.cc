#include "verify/independent/choice.h"

#include <vector>

#include "absl/status/status.h"
#include "bitnet/base/ca1.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/philox.h"
#include "gtest/gtest.h"
#include "verify/independent/testing_gguf.h"

namespace bitnet::verify::independent {
namespace {

// By the definition: the lowest id of the largest, then the largest of the rest.
TopTwo Plain(const std::vector<float>& logits) {
  size_t best = 0;
  for (size_t i = 1; i < logits.size(); ++i) best = logits[i] > logits[best] ? i : best;
  size_t second = best == 0 ? 1 : 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    if (i != best && logits[i] > logits[second]) second = i;
  }
  return {static_cast<uint32_t>(best), logits[best], logits[second]};
}

void ExpectEqual(const TopTwo& got, const TopTwo& expected) {
  EXPECT_EQ(got.argmax, expected.argmax);
  EXPECT_EQ(got.top1, expected.top1);
  EXPECT_EQ(got.top2, expected.top2);
}

TEST(TopTwoTest, AnyCutOfAnyLogitsIsTheDefinition) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    std::vector<float> logits;
    const size_t count = 2 + PhiloxAt(seed, 0, 0)[0] % 12;
    // Few values, so that equals are common.
    for (size_t i = 0; i < count; ++i) logits.push_back(-static_cast<float>(PhiloxAt(seed, 1, i)[0] % 4));
    for (size_t cut = 0; cut <= count; ++cut) {
      TopTwo low;
      TopTwo high;
      for (size_t i = 0; i < count; ++i) (i < cut ? low : high).Add(static_cast<uint32_t>(i), logits[i]);
      low.Add(high);
      ExpectEqual(low, Plain(logits));
    }
  }
}

TEST(TopTwoTest, LogitsAreDotsWithTheEmbedding) {
  const std::vector<uint8_t> bytes = SmallModel().Encode();
  ThreadPool one(1);
  const auto model = ReadModel(bytes, one);
  ASSERT_TRUE(model.ok()) << model.status();
  std::vector<float> normed;
  for (uint64_t i = 0; i < 3 * 256; ++i)
    normed.push_back(static_cast<float>(PhiloxAt(1, 2, i)[0] % 1000) * 1e-3f - 0.5f);
  for (const int threads : {1, 3, 5}) {
    ThreadPool pool(threads);
    for (const Loops* loops : {&PlainLoops(), &BestLoops()}) {
      const auto top = TopTwoOfRows(*model, *loops, pool, normed);
      ASSERT_TRUE(top.ok()) << top.status();
      ASSERT_EQ(top->size(), 3u);
      for (size_t row = 0; row < 3; ++row) {
        std::vector<float> logits;
        for (int64_t id = 0; id < model->shape.vocab; ++id) {
          std::vector<float> weights;
          const uint8_t* halves = model->EmbeddingRow(id);
          for (int i = 0; i < 256; ++i)
            weights.push_back(F16ToF32(static_cast<F16>(halves[2 * i] | halves[2 * i + 1] << 8)));
          logits.push_back(ca1::Dot(std::span(normed).subspan(row * 256, 256), weights));
        }
        ExpectEqual((*top)[row], Plain(logits));
      }
    }
  }
}

TEST(TopTwoTest, OverflowIsAnError) {
  const std::vector<uint8_t> bytes = SmallModel().Encode();
  ThreadPool pool(2);
  const auto model = ReadModel(bytes, pool);
  ASSERT_TRUE(model.ok()) << model.status();
  const std::vector<float> normed(256, 3e38f);
  EXPECT_TRUE(absl::IsDataLoss(TopTwoOfRows(*model, BestLoops(), pool, normed).status()));
}

}  // namespace
}  // namespace bitnet::verify::independent
