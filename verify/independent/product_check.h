// Whether the floats that somebody computed are the ternary products that they should be.

#ifndef VERIFY_INDEPENDENT_PRODUCT_CHECK_H_
#define VERIFY_INDEPENDENT_PRODUCT_CHECK_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/base/thread_pool.h"
#include "verify/independent/freivalds.h"
#include "verify/independent/loops.h"
#include "verify/independent/products.h"

namespace bitnet::verify::independent {

// z[i] = the integer for which f32(z[i]) * quotient is y[i] bit for bit. There is at most one: |z[i]| <= limit <= 2^23,
// and `quotient` is a normal number. Returns the first i for which there is none; y.size() when all are recovered.
size_t RecoverIntegers(std::span<const float> y, float quotient, int32_t limit, std::span<int32_t> z);

// What is wrong with one row of products; "" when nothing is.
struct RowCheck {
  std::string fault;
  bool recomputed = false;  // by plain integer products instead of Freivalds' test
};

// y of one row against x: integers recovered and tested, or, where weight scale / scale of x is no normal number and
// integers cannot be told from y, all outputs computed.
RowCheck CheckRow(const TernaryMatrix& matrix, const FreivaldsKey& key, const Loops& loops, std::span<const int8_t> x,
                  float scale, std::span<const float> y);

// Keys of all matrices of a model, drawn at construction: the claims they are used on must be fixed before.
class ProductChecker {
 public:
  static absl::StatusOr<ProductChecker> Draw(const Model& model, const Loops& loops, ThreadPool& pool);

  struct Verdict {
    int64_t good_rows = 0;    // rows before the first that is wrong
    std::string fault;        // of that row; "" when all are right
    uint64_t tested = 0;      // rows by Freivalds' test, the wrong one among them
    uint64_t recomputed = 0;  // rows by plain products
  };
  Verdict Check(const ProductRequest& request, std::span<const float> y) const;

 private:
  ProductChecker(const Model& model, const Loops& loops, ThreadPool& pool)
      : model_(&model), loops_(&loops), pool_(&pool) {}

  const Model* model_;
  const Loops* loops_;
  ThreadPool* pool_;
  std::vector<FreivaldsKey> keys_;  // [layer][product]
};

}  // namespace bitnet::verify::independent

#endif  // VERIFY_INDEPENDENT_PRODUCT_CHECK_H_
