// The two largest logits of a position, from its hidden state.

#ifndef VERIFY_INDEPENDENT_CHOICE_H_
#define VERIFY_INDEPENDENT_CHOICE_H_

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/base/thread_pool.h"
#include "verify/independent/loops.h"
#include "verify/independent/model.h"

namespace bitnet::verify::independent {

// Of the ids seen so far, which come in ascending order: the largest logit, the lowest id of equals, and the largest of
// the others.
struct TopTwo {
  uint32_t argmax = 0;
  float top1 = -std::numeric_limits<float>::infinity();
  float top2 = -std::numeric_limits<float>::infinity();

  void Add(uint32_t id, float logit);
  void Add(const TopTwo& later);  // of higher ids
};

// logit[id] = Dot(normed row, embedding row of id) for the whole vocabulary, all workers. `normed` is [rows][hidden],
// after the last norm. DataLoss when a logit is not finite.
absl::StatusOr<std::vector<TopTwo>> TopTwoOfRows(const Model& model, const Loops& loops, ThreadPool& pool,
                                                 std::span<const float> normed);

}  // namespace bitnet::verify::independent

#endif  // VERIFY_INDEPENDENT_CHOICE_H_
