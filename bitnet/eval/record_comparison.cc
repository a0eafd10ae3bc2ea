#include "bitnet/eval/record_comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/eval/log_likelihood.h"

namespace bitnet {
namespace {

absl::Status CheckFinite(const RecordId& id, int64_t position, std::string_view side, std::span<const double> row) {
  for (size_t i = 0; i < row.size(); ++i) {
    if (std::isfinite(row[i])) continue;
    return absl::InvalidArgumentError(absl::StrCat(side, ", ", id.Name(), ", position ", position, ", column ", i,
                                                   ": expected a finite number, got ", row[i]));
  }
  return absl::OkStatus();
}

// The power of two just below the largest magnitude. Values over it are below 2, and their squares and sums of squares
// stay in binary64 whatever the values are.
int ExponentOf(std::span<const double> row) {
  double largest = 0;
  for (const double value : row) largest = std::max(largest, std::abs(value));
  // Not below -1000: the reciprocal must be a number, and the smallest subnormals lie only 2^-74 under it.
  return largest == 0 ? 0 : std::max(std::ilogb(largest), -1000);
}

// row / 2^exponent, less its mean when it is `centred`.
std::vector<double> Scaled(std::span<const double> row, int exponent, bool centred) {
  const double factor = std::ldexp(1.0, -exponent);
  std::vector<double> out(row.size());
  double sum = 0;
  for (size_t i = 0; i < row.size(); ++i) sum += out[i] = row[i] * factor;
  if (!centred) return out;
  const double mean = sum / static_cast<double>(row.size());
  for (double& value : out) value -= mean;
  return out;
}

double Dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

double Relative(const ScaledSquares& difference, const ScaledSquares& power) {
  if (difference.sum == 0) return 0;
  if (power.sum == 0) return std::numeric_limits<double>::infinity();
  return std::ldexp(std::sqrt(difference.sum / power.sum), difference.exponent - power.exponent);
}

size_t Top1(std::span<const double> row) {
  return static_cast<size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

}  // namespace

void ScaledSquares::Add(const ScaledSquares& more) {
  if (more.sum == 0) return;
  const int larger = sum == 0 ? more.exponent : std::max(exponent, more.exponent);
  sum = std::ldexp(sum, 2 * (exponent - larger)) + std::ldexp(more.sum, 2 * (more.exponent - larger));
  exponent = larger;
}

absl::Status RecordComparison::Add(int64_t position, std::span<const double> reference,
                                   std::span<const double> candidate) {
  CHECK(reference.size() == candidate.size() && !reference.empty());
  BITNET_RETURN_IF_ERROR(CheckFinite(id_, position, "reference", reference));
  BITNET_RETURN_IF_ERROR(CheckFinite(id_, position, "candidate", candidate));
  RowComparison row;
  row.position = position;
  for (size_t i = 0; i < reference.size(); ++i) {
    row.max_abs = std::max(row.max_abs, std::abs(candidate[i] - reference[i]));
  }
  // Lengths and angle from each row in its own scale, the difference in the larger one.
  const int exponent_r = ExponentOf(reference), exponent_c = ExponentOf(candidate);
  const std::vector<double> r = Scaled(reference, exponent_r, logits_), c = Scaled(candidate, exponent_c, logits_);
  const double rr = Dot(r, r), cc = Dot(c, c);
  const double lengths = std::sqrt(rr) * std::sqrt(cc);
  row.cosine = lengths > 0 ? std::clamp(Dot(r, c) / lengths, -1.0, 1.0) : (rr == cc ? 1 : 0);
  const int exponent = std::max(exponent_r, exponent_c);
  std::vector<double> apart = Scaled(candidate, exponent, logits_);
  const std::vector<double> from = Scaled(reference, exponent, logits_);
  for (size_t i = 0; i < apart.size(); ++i) apart[i] -= from[i];
  const ScaledSquares difference = {Dot(apart, apart), exponent}, power = {rr, exponent_r};
  row.relative = Relative(difference, power);
  if (logits_) {
    row.kl = KlDivergence(reference, candidate);
    row.top1_equal = Top1(reference) == Top1(candidate);
  }
  difference_.Add(difference);
  power_.Add(power);
  rows_.push_back(row);
  return absl::OkStatus();
}

double RecordComparison::max_abs() const {
  return std::ranges::max_element(rows_, {}, &RowComparison::max_abs)->max_abs;
}

double RecordComparison::relative() const { return Relative(difference_, power_); }

double RecordComparison::worst_relative() const {
  return std::ranges::max_element(rows_, {}, &RowComparison::relative)->relative;
}

double RecordComparison::mean_cosine() const {
  double sum = 0;
  for (const RowComparison& row : rows_) sum += row.cosine;
  return sum / static_cast<double>(rows_.size());
}

double RecordComparison::min_cosine() const {
  return std::ranges::min_element(rows_, {}, &RowComparison::cosine)->cosine;
}

double RecordComparison::mean_kl() const {
  double sum = 0;
  for (const RowComparison& row : rows_) sum += row.kl;
  return sum / static_cast<double>(rows_.size());
}

double RecordComparison::max_kl() const { return std::ranges::max_element(rows_, {}, &RowComparison::kl)->kl; }

size_t RecordComparison::top1_equal() const {
  return static_cast<size_t>(std::ranges::count_if(rows_, [](const RowComparison& row) { return row.top1_equal; }));
}

std::optional<size_t> RecordComparison::FirstDivergence(const Tolerances& tolerances) const {
  for (size_t i = 0; i < rows_.size(); ++i) {
    // So that what compares with nothing, if there were any, would not pass.
    if (!(rows_[i].relative <= tolerances.max_relative) || !(rows_[i].cosine >= tolerances.min_cosine)) return i;
  }
  return std::nullopt;
}

}  // namespace bitnet
