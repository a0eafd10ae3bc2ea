#include "verify/independent/product_check.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/str_format.h"
#include "bitnet/base/parallel.h"
#include "bitnet/base/status_macros.h"

namespace bitnet::verify::independent {
namespace {

bool SameBits(float a, float b) { return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b); }

RowCheck Recompute(const TernaryMatrix& matrix, const Loops& loops, std::span<const int8_t> x, float quotient,
                   std::span<const float> y) {
  std::vector<int32_t> z(y.size());
  PlainProduct(matrix, loops, x, z);
  for (size_t i = 0; i < y.size(); ++i) {
    const float expected = static_cast<float>(z[i]) * quotient;
    if (SameBits(expected, y[i])) continue;
    return {absl::StrFormat("output %d is %.9g, expected %.9g", i, y[i], expected), true};
  }
  return {"", true};
}

}  // namespace

size_t RecoverIntegers(std::span<const float> y, float quotient, int32_t limit, std::span<int32_t> z) {
  const double inverse = 1.0 / static_cast<double>(quotient);
  const double bound = static_cast<double>(limit) + 1;
  for (size_t i = 0; i < y.size(); ++i) {
    const double real = static_cast<double>(y[i]) * inverse;
    if (!(real <= bound && real >= -bound)) return i;
    // y differs from z * quotient by half a unit in the last place, |real - z| is at most 1/2 for |z| <= 2^23, and the
    // bits decide.
    const int32_t nearest = static_cast<int32_t>(real + (real < 0 ? -0.5 : 0.5));
    bool found = false;
    for (const int32_t candidate : {nearest, nearest - 1, nearest + 1}) {
      found = candidate <= limit && candidate >= -limit && SameBits(static_cast<float>(candidate) * quotient, y[i]);
      if (!found) continue;
      z[i] = candidate;
      break;
    }
    if (!found) return i;
  }
  return y.size();
}

RowCheck CheckRow(const TernaryMatrix& matrix, const FreivaldsKey& key, const Loops& loops, std::span<const int8_t> x,
                  float scale, std::span<const float> y) {
  const float quotient = matrix.scale / scale;
  if (!std::isnormal(quotient)) return Recompute(matrix, loops, x, quotient, y);
  std::vector<int32_t> z(y.size());
  const size_t recovered = RecoverIntegers(y, quotient, LargestProduct(matrix.cols), z);
  if (recovered < y.size()) {
    return {absl::StrFormat("output %d is %.9g, which is no integer of at most %d times %.9g", recovered, y[recovered],
                            LargestProduct(matrix.cols), quotient)};
  }
  if (!key.Accepts(x, z)) return {"the integers are not the product of weights and inputs (Freivalds)"};
  return {};
}

absl::StatusOr<ProductChecker> ProductChecker::Draw(const Model& model, const Loops& loops, ThreadPool& pool) {
  ProductChecker checker(model, loops, pool);
  const size_t count = model.layers.size() * kProducts;
  std::vector<std::optional<FreivaldsKey>> keys(count);
  BITNET_RETURN_IF_ERROR(ParallelForEach(pool, count, pool.size(), [&](size_t index, int) -> absl::Status {
    const TernaryMatrix& matrix = model.layers[index / kProducts].products[index % kProducts];
    BITNET_ASSIGN_OR_RETURN(std::vector<SecretPair> secrets, DrawSecrets(matrix.rows));
    keys[index].emplace(matrix, std::move(secrets));
    return absl::OkStatus();
  }));
  for (std::optional<FreivaldsKey>& key : keys) checker.keys_.push_back(*std::move(key));
  return checker;
}

ProductChecker::Verdict ProductChecker::Check(const ProductRequest& request, std::span<const float> y) const {
  const size_t product = static_cast<size_t>(request.product);
  const size_t layer = static_cast<size_t>(request.layer);
  const TernaryMatrix& matrix = model_->layers[layer].products[product];
  const FreivaldsKey& key = keys_[layer * kProducts + product];
  const size_t rows = static_cast<size_t>(request.rows);
  const size_t cols = static_cast<size_t>(matrix.cols);
  const size_t outputs = static_cast<size_t>(matrix.rows);
  CHECK(request.x.size() == rows * cols && y.size() == rows * outputs);
  std::vector<RowCheck> checks(rows);
  pool_->Run([&](int worker) {
    const auto [begin, end] = ThreadPool::Partition(request.rows, 1, worker, pool_->size());
    for (size_t row = static_cast<size_t>(begin); row < static_cast<size_t>(end); ++row) {
      checks[row] = CheckRow(matrix, key, *loops_, request.x.subspan(row * cols, cols), request.scales[row],
                             y.subspan(row * outputs, outputs));
    }
  });
  Verdict verdict;
  for (const RowCheck& check : checks) {
    ++(check.recomputed ? verdict.recomputed : verdict.tested);
    verdict.fault = check.fault;
    if (!check.fault.empty()) break;
    ++verdict.good_rows;
  }
  return verdict;
}

}  // namespace bitnet::verify::independent
