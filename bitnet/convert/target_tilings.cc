#include "bitnet/convert/target_tilings.h"

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/tensor/tensor_type.h"
#include "bitnet/ternary_file/format_keys.h"

namespace bitnet {
namespace {

absl::StatusOr<TlTiling> TilingFor(const SourceTensor& tensor, const TernaryCodec& codec,
                                   std::span<const TlTiling> given) {
  const int64_t rows = tensor.rows();
  const int64_t cols = tensor.cols();
  if (given.empty()) {
    const std::optional<TlTiling> tiling =
        codec.type == TensorType::kTl1 ? DefaultTl1Tiling(rows, cols) : DefaultTl2Tiling(rows, cols);
    if (tiling) return *tiling;
    return absl::InvalidArgumentError(absl::StrCat("tensor ", tensor.shown(), " is ", rows, " x ", cols,
                                                   ", which no tiling of ", codec.name, " fits"));
  }
  const TlTiling* tiling = FindTiling(given, rows, cols);
  if (tiling != nullptr) return *tiling;
  return absl::InvalidArgumentError(absl::StrCat("tensor ", tensor.shown(), " is ", rows, " x ", cols,
                                                 "; expected a tiling of that shape in the kernel configuration"));
}

}  // namespace

absl::StatusOr<std::vector<TlTiling>> TargetTilings(const ModelSource& source, const TernaryCodec& codec,
                                                    std::span<const TlTiling> given) {
  std::vector<TlTiling> tilings;
  if (!NeedsTilings(codec)) return tilings;
  for (const SourceTensor& tensor : source.tensors()) {
    if (!tensor.ternary || FindTiling(tilings, tensor.rows(), tensor.cols()) != nullptr) continue;
    BITNET_ASSIGN_OR_RETURN(tilings.emplace_back(), TilingFor(tensor, codec, given));
  }
  // What metadata cannot hold is refused now.
  BITNET_RETURN_IF_ERROR(TilingsToInts(tilings).status());
  return tilings;
}

}  // namespace bitnet
