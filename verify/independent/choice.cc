#include "verify/independent/choice.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"

namespace bitnet::verify::independent {

void TopTwo::Add(uint32_t id, float logit) {
  if (logit > top1) {
    *this = {id, logit, top1};
  } else if (logit > top2) {
    top2 = logit;
  }
}

void TopTwo::Add(const TopTwo& later) {
  Add(later.argmax, later.top1);
  if (later.top2 > top2) top2 = later.top2;
}

absl::StatusOr<std::vector<TopTwo>> TopTwoOfRows(const Model& model, const Loops& loops, ThreadPool& pool,
                                                 std::span<const float> normed) {
  const size_t hidden = static_cast<size_t>(model.shape.hidden);
  const size_t rows = normed.size() / hidden;
  struct Part {
    std::vector<TopTwo> top;  // [rows]
    bool overflow = false;
  };
  std::vector<Part> parts(static_cast<size_t>(pool.size()));
  pool.Run([&](int worker) {
    Part& part = parts[static_cast<size_t>(worker)];
    part.top.resize(rows);
    std::vector<float> weights(hidden);
    const auto [begin, end] = ThreadPool::Partition(model.shape.vocab, 16, worker, pool.size());
    for (int64_t id = begin; id < end; ++id) {
      loops.from_f16(model.EmbeddingRow(id), weights.data(), hidden);
      for (size_t row = 0; row < rows; ++row) {
        const float logit = loops.dot(normed.data() + row * hidden, weights.data(), hidden);
        part.overflow = part.overflow || !std::isfinite(logit);
        part.top[row].Add(static_cast<uint32_t>(id), logit);
      }
    }
  });
  std::vector<TopTwo> top(rows);
  for (const Part& part : parts) {
    if (part.overflow) return absl::DataLossError("a logit is not finite: the model's arithmetic overflows");
    for (size_t row = 0; row < rows; ++row) top[row].Add(part.top[row]);
  }
  return top;
}

}  // namespace bitnet::verify::independent
