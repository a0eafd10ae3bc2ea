// EngineProducts: ternary products for the independent path, as the engine's kernels compute them.

#ifndef VERIFY_REPLAY_ENGINE_PRODUCTS_H_
#define VERIFY_REPLAY_ENGINE_PRODUCTS_H_

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "bitnet/engine/session.h"
#include "bitnet/model/activation_tap.h"
#include "verify/independent/model.h"
#include "verify/independent/products.h"

namespace bitnet::verify {

// Feeds the session what the audit is about to check, and keeps what its products were. What the engine multiplied is
// its own: when it differs from what the audit has, so do the products, and the audit finds them.
class EngineProducts : public independent::ProductSource, private ActivationTap {
 public:
  // `session` is at position 0 and outlives this, as does its model; it has no other tap.
  explicit EngineProducts(Session& session);
  ~EngineProducts() override;
  EngineProducts(const EngineProducts&) = delete;
  EngineProducts& operator=(const EngineProducts&) = delete;

  // ResourceExhausted when the session's cache is full; an error of the forward pass as it is.
  absl::Status Begin(int64_t first_position, std::span<const uint32_t> token_ids) override;
  absl::Status Multiply(const independent::ProductRequest& request, std::span<float> y) override;

 private:
  void OnValues(const TapValues& shown) override;

  Session& session_;
  int64_t first_ = 0;
  int64_t rows_ = 0;
  // [layer][product]: [row][output] of the rows begun.
  std::vector<std::array<std::vector<float>, independent::kProducts>> products_;
};

}  // namespace bitnet::verify

#endif  // VERIFY_REPLAY_ENGINE_PRODUCTS_H_
