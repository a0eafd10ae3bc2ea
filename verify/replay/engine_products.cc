#include "verify/replay/engine_products.h"

#include <algorithm>
#include <optional>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"

namespace bitnet::verify {
namespace {

using independent::Product;
using independent::ProductRequest;

// Products as they leave the kernel: q and k before rope.
std::optional<Product> ProductAt(TapPoint point) {
  switch (point) {
    case TapPoint::kQ:
      return Product::kQ;
    case TapPoint::kK:
      return Product::kK;
    case TapPoint::kV:
      return Product::kV;
    case TapPoint::kAttnOutput:
      return Product::kAttnOutput;
    case TapPoint::kGate:
      return Product::kGate;
    case TapPoint::kUp:
      return Product::kUp;
    case TapPoint::kDown:
      return Product::kDown;
    default:
      return std::nullopt;
  }
}

}  // namespace

EngineProducts::EngineProducts(Session& session) : session_(session), products_(session.model().config.shape.layers) {
  CHECK_EQ(session.position(), 0);
}

EngineProducts::~EngineProducts() { session_.SetTap(nullptr); }

absl::Status EngineProducts::Begin(int64_t first_position, std::span<const uint32_t> token_ids) {
  if (first_position != session_.position()) {
    return absl::FailedPreconditionError(absl::StrCat("products from position ", first_position,
                                                      " were asked for, the engine is at ", session_.position()));
  }
  const std::vector<TokenId> ids(token_ids.begin(), token_ids.end());
  first_ = first_position;
  rows_ = static_cast<int64_t>(ids.size());
  for (auto& layer : products_) {
    for (std::vector<float>& values : layer) values.clear();
  }
  session_.SetTap(this);
  const absl::Status fed = session_.Prefill(ids);
  session_.SetTap(nullptr);
  return fed;
}

void EngineProducts::OnValues(const TapValues& shown) {
  const std::optional<Product> product = ProductAt(shown.point);
  if (!product) return;
  // A session may cut the rows into passes, which come in order.
  std::vector<float>& values = products_[static_cast<size_t>(shown.layer)][static_cast<size_t>(*product)];
  values.insert(values.end(), shown.values.begin(), shown.values.end());
}

absl::Status EngineProducts::Multiply(const ProductRequest& request, std::span<float> y) {
  const size_t layer = static_cast<size_t>(request.layer);
  const bool begun = request.first_position == first_ && request.rows <= rows_ && layer < products_.size();
  const std::vector<float>* values = begun ? &products_[layer][static_cast<size_t>(request.product)] : nullptr;
  const size_t rows = static_cast<size_t>(rows_);
  // A model of another width, or of fewer layers, has no such product to give.
  if (!begun || values->size() != rows * (y.size() / static_cast<size_t>(request.rows))) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the engine has no ", independent::ProductName(request.product), " of layer ", request.layer, " for ",
        request.rows, " rows from position ", request.first_position, " of the model under audit"));
  }
  std::copy_n(values->begin(), y.size(), y.begin());
  return absl::OkStatus();
}

}  // namespace bitnet::verify
