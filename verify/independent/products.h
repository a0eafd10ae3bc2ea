// Where the auditor gets ternary products from: a source that it need not trust, since each is checked.

#ifndef VERIFY_INDEPENDENT_PRODUCTS_H_
#define VERIFY_INDEPENDENT_PRODUCTS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "bitnet/base/thread_pool.h"
#include "verify/independent/loops.h"
#include "verify/independent/model.h"

namespace bitnet::verify::independent {

// One product of one layer, for token rows at positions first_position ..
struct ProductRequest {
  int64_t first_position = 0;
  int64_t rows = 0;
  int64_t layer = 0;
  Product product = Product::kQ;
  std::span<const int8_t> x;      // [rows][cols] as the auditor quantized them
  std::span<const float> scales;  // [rows] of x: 127 / max|x| before rounding
};

class ProductSource {
 public:
  virtual ~ProductSource() = default;

  // The auditor goes on to token rows at positions first_position .. , which follow those before, and asks for the
  // products of the first of them, layer by layer in the order of the graph. Ids are in the vocabulary.
  virtual absl::Status Begin(int64_t first_position, std::span<const uint32_t> token_ids) = 0;

  // y[row][output] = f32(sum of trits * x) * (weight scale / scale of x), as docs/kernels.md says. `y` is
  // [rows][matrix rows]. An error ends the audit without a finding; a wrong y is a finding.
  virtual absl::Status Multiply(const ProductRequest& request, std::span<float> y) = 0;
};

// The auditor's own: plain integer products, trit by trit, all workers.
class PlainProducts : public ProductSource {
 public:
  // All outlive this.
  PlainProducts(const Model& model, const Loops& loops, ThreadPool& pool) : model_(model), loops_(loops), pool_(pool) {}

  absl::Status Begin(int64_t first_position, std::span<const uint32_t> token_ids) override { return absl::OkStatus(); }
  absl::Status Multiply(const ProductRequest& request, std::span<float> y) override;

 private:
  const Model& model_;
  const Loops& loops_;
  ThreadPool& pool_;
  std::vector<int16_t> wide_;  // x of the request
};

// z[output] = sum of trits * x of one row, on the calling thread.
void PlainProduct(const TernaryMatrix& matrix, const Loops& loops, std::span<const int8_t> x, std::span<int32_t> z);

}  // namespace bitnet::verify::independent

#endif  // VERIFY_INDEPENDENT_PRODUCTS_H_
