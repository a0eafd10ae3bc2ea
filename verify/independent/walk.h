// Walk: the forward pass computed again along a commitment, chunk by chunk, until the first difference.
//
// Ternary products come from a source and are checked; everything else is computed here, from the step before. So what
// each product is checked against is what the model makes of the tokens, whatever the source did.

#ifndef VERIFY_INDEPENDENT_WALK_H_
#define VERIFY_INDEPENDENT_WALK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/commitment/commitment_file.h"
#include "verify/independent/choice.h"
#include "verify/independent/difference.h"
#include "verify/independent/float_path.h"
#include "verify/independent/loops.h"
#include "verify/independent/model.h"
#include "verify/independent/product_check.h"
#include "verify/independent/products.h"

namespace bitnet::verify::independent {

// What was done, up to the first difference.
struct Tally {
  uint64_t positions = 0;            // compared to their end
  uint64_t products_tested = 0;      // rows of ternary products, by Freivalds' test
  uint64_t products_recomputed = 0;  // by plain integer products
  uint64_t layers_compared = 0;      // digests of keys and values
  uint64_t choices_compared = 0;     // positions whose logits were computed
  uint64_t largest_chosen = 0;       // of those, where the token chosen has the largest logit
  uint64_t source_ns = 0;            // waiting for products
  uint64_t check_ns = 0;             // recovering and testing them
  uint64_t head_ns = 0;              // logits
};

// Not thread-safe. All that it is given outlives it.
class Walk {
 public:
  // `wanted[i]`: logits of position i are computed, if a token was chosen there. The commitment's positions ascend from
  // 0, and its layers are the model's.
  Walk(const Model& model, const Commitment& commitment, const ProductChecker& checker, ProductSource& source,
       const Loops& loops, ThreadPool& pool, std::vector<bool> wanted);

  // The next `rows` positions. DataLoss when the model's arithmetic overflows there; an error of the source as it is.
  absl::Status Next(size_t rows);
  bool done() const { return difference_.has_value() || first_ == commitment_.numerics.size(); }

  const std::optional<Difference>& difference() const { return difference_; }
  const Tally& tally() const { return tally_; }

 private:
  const NumericsLeaf& Leaf(size_t row) const { return commitment_.numerics[first_ + row]; }
  std::span<float> Row(std::vector<float>& values, size_t row, int64_t width) const {
    return {values.data() + row * static_cast<size_t>(width), static_cast<size_t>(width)};
  }
  void ForRows(const std::function<void(size_t row)>& job);

  // Row `row` and those after it are settled: it differs, or a row before it will.
  void Differ(size_t row, int64_t layer, std::string_view field, std::string detail);
  // The first row for which fault(row) is not "", in parallel, differs by it.
  void DifferWhere(int64_t layer, std::string_view field, const std::function<std::string(size_t row)>& fault);

  void CheckLeaves();
  void Embed();
  absl::Status Quantize(const std::vector<float>& values, int64_t width, int64_t layer);
  absl::Status Multiply(int64_t layer, Product product, int64_t width, std::vector<float>& y);
  absl::Status AttentionHalf(int64_t layer);
  absl::Status FeedForwardHalf(int64_t layer);
  void StoreKeysAndValues(int64_t layer);
  void AttendRows(int64_t layer);
  absl::Status CheckChoices();

  const Model& model_;
  const Shape& shape_;
  const Commitment& commitment_;
  const ProductChecker& checker_;
  ProductSource& source_;
  const Loops& loops_;
  ThreadPool& pool_;
  const std::vector<bool> wanted_;

  size_t first_ = 0;  // position of row 0
  size_t rows_ = 0;   // rows of this chunk that have not differed
  std::optional<Difference> difference_;
  Tally tally_;

  // [layer][kv head][position][head_dim], binary16 as binary32.
  std::vector<std::vector<float>> keys_;
  std::vector<std::vector<float>> values_;
  std::vector<Rotation> rotations_;  // of the rows
  // [row][..] of this chunk.
  std::vector<float> x_;  // residual stream
  std::vector<float> h_;
  std::vector<float> q_;
  std::vector<float> k_;
  std::vector<float> v_;
  std::vector<float> up_;
  std::vector<float> y_;
  std::vector<int8_t> quantized_;
  std::vector<float> scales_;
};

}  // namespace bitnet::verify::independent

#endif  // VERIFY_INDEPENDENT_WALK_H_
