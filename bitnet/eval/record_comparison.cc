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

double MeanOf(std::span<const double> row) {
  double sum = 0;
  for (const double value : row) sum += value;
  return sum / static_cast<double>(row.size());
}

double Relative(double difference, double power) {
  if (difference == 0) return 0;
  return power == 0 ? std::numeric_limits<double>::infinity() : std::sqrt(difference / power);
}

size_t Top1(std::span<const double> row) {
  return static_cast<size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

}  // namespace

absl::Status RecordComparison::Add(int64_t position, std::span<const double> reference,
                                   std::span<const double> candidate) {
  CHECK(reference.size() == candidate.size() && !reference.empty());
  BITNET_RETURN_IF_ERROR(CheckFinite(id_, position, "reference", reference));
  BITNET_RETURN_IF_ERROR(CheckFinite(id_, position, "candidate", candidate));
  RowComparison row;
  row.position = position;
  const double mean_r = logits_ ? MeanOf(reference) : 0;
  const double mean_c = logits_ ? MeanOf(candidate) : 0;
  double rr = 0, cc = 0, rc = 0, difference = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double r = reference[i] - mean_r, c = candidate[i] - mean_c;
    rr += r * r;
    cc += c * c;
    rc += r * c;
    difference += (c - r) * (c - r);
    row.max_abs = std::max(row.max_abs, std::abs(candidate[i] - reference[i]));
  }
  row.relative = Relative(difference, rr);
  // Two roots: a product of two sums of squares could leave binary64 where they do not.
  const double lengths = std::sqrt(rr) * std::sqrt(cc);
  row.cosine = lengths > 0 ? std::clamp(rc / lengths, -1.0, 1.0) : (rr == cc ? 1 : 0);
  if (logits_) {
    row.kl = KlDivergence(reference, candidate);
    row.top1_equal = Top1(reference) == Top1(candidate);
  }
  difference_ += difference;
  power_ += rr;
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
    if (rows_[i].relative > tolerances.max_relative || rows_[i].cosine < tolerances.min_cosine) return i;
  }
  return std::nullopt;
}

}  // namespace bitnet
