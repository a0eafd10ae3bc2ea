#include "verify/independent/products.h"

#include "absl/log/check.h"

namespace bitnet::verify::independent {

absl::Status PlainProducts::Multiply(const ProductRequest& request, std::span<float> y) {
  const TernaryMatrix& matrix = model_.layers[static_cast<size_t>(request.layer)].Of(request.product);
  const size_t cols = static_cast<size_t>(matrix.cols);
  const size_t rows = static_cast<size_t>(request.rows);
  const size_t outputs = static_cast<size_t>(matrix.rows);
  CHECK(request.x.size() == rows * cols && request.scales.size() == rows && y.size() == rows * outputs);
  wide_.assign(request.x.begin(), request.x.end());
  // A row of weights is unpacked once for all rows of x.
  pool_.Run([&](int worker) {
    std::vector<int16_t> trits(cols);
    const auto [begin, end] = ThreadPool::Partition(matrix.rows, 1, worker, pool_.size());
    for (int64_t output = begin; output < end; ++output) {
      UnpackTrits(matrix.Row(output), trits);
      for (size_t row = 0; row < rows; ++row) {
        const int32_t z = loops_.dot_trits(trits.data(), wide_.data() + row * cols, cols);
        y[row * outputs + static_cast<size_t>(output)] = static_cast<float>(z) * (matrix.scale / request.scales[row]);
      }
    }
  });
  return absl::OkStatus();
}

void PlainProduct(const TernaryMatrix& matrix, const Loops& loops, std::span<const int8_t> x, std::span<int32_t> z) {
  const std::vector<int16_t> wide(x.begin(), x.end());
  std::vector<int16_t> trits(wide.size());
  for (int64_t output = 0; output < matrix.rows; ++output) {
    UnpackTrits(matrix.Row(output), trits);
    z[static_cast<size_t>(output)] = loops.dot_trits(trits.data(), wide.data(), wide.size());
  }
}

}  // namespace bitnet::verify::independent
