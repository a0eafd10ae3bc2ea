// How far two sets of rows of one value are apart.

#ifndef BITNET_EVAL_RECORD_COMPARISON_H_
#define BITNET_EVAL_RECORD_COMPARISON_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "bitnet/arrays/trace_header.h"

namespace bitnet {

// A row diverges when its relative difference is above, or its cosine below. The defaults let pass what int8 rounding
// flips make of one graph in several engines (relative 2e-2 to 4e-2, cosine 0.9992 and more on random models, which
// amplify them most) and nothing that a wrong graph gives (3e-1, 0.93).
struct Tolerances {
  double max_relative = 5e-2;
  double min_cosine = 0.999;
};

// One row. Relative is RMS of the difference over RMS of the reference: 0 for two rows of zeros, infinite for a
// reference of zeros only. Cosine is 1 for two rows of zeros, 0 when one is. For logits both are of values less their
// row's mean, since softmax does not see a constant; max_abs is of the values as they are. No figure is NaN, however
// large or small the values are.
struct RowComparison {
  int64_t position = 0;
  double max_abs = 0;
  double relative = 0;
  double cosine = 0;
  double kl = 0;            // logits only: KL(reference || candidate) of their softmax, nats
  bool top1_equal = false;  // logits only: the same token has the highest logit, the lowest id among equals
};

// A sum of squares that binary64 need not hold: sum * 4^exponent. Powers of two change no digit.
struct ScaledSquares {
  double sum = 0;
  int exponent = 0;

  void Add(const ScaledSquares& more);
};

// Rows of one value, in order.
class RecordComparison {
 public:
  explicit RecordComparison(RecordId id) : id_(std::move(id)), logits_(id_.op == "logits") {}

  // InvalidArgument when a value is NaN or infinite: which side, position and column. Sizes are equal and positive.
  absl::Status Add(int64_t position, std::span<const double> reference, std::span<const double> candidate);

  const RecordId& id() const { return id_; }
  bool is_logits() const { return logits_; }
  std::span<const RowComparison> rows() const { return rows_; }

  // Over all rows; at least one.
  double max_abs() const;
  double relative() const;  // of all rows together
  double worst_relative() const;
  double mean_cosine() const;
  double min_cosine() const;
  double mean_kl() const;
  double max_kl() const;
  size_t top1_equal() const;

  // The first row outside the tolerances.
  std::optional<size_t> FirstDivergence(const Tolerances& tolerances) const;

 private:
  RecordId id_;
  bool logits_;
  std::vector<RowComparison> rows_;
  ScaledSquares difference_;  // over all rows
  ScaledSquares power_;
};

}  // namespace bitnet

#endif  // BITNET_EVAL_RECORD_COMPARISON_H_
