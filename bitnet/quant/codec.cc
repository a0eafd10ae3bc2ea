#include "bitnet/quant/codec.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "bitnet/quant/block_matrix.h"
#include "bitnet/quant/block_scale.h"
#include "bitnet/quant/i2s.h"
#include "bitnet/quant/i2s_32.h"
#include "bitnet/quant/i2s_64.h"
#include "bitnet/quant/q1_0.h"
#include "bitnet/quant/q2_0.h"
#include "bitnet/quant/qk256.h"
#include "bitnet/quant/tl1.h"
#include "bitnet/quant/tl2.h"
#include "bitnet/quant/tq1_0.h"
#include "bitnet/quant/tq2_0.h"
#include "bitnet/tensor/ternary_view.h"

namespace bitnet {
namespace {

// The functions of a table row, with the format bound.
template <const BlockFormat& kFormat>
constexpr TernaryCodec BlockCodec(std::string_view name, TensorType type, bool has_zero = true) {
  constexpr BlockShape kShape = ShapeOf(kFormat.layout);
  return {
      .name = name,
      .type = type,
      .scale_form = kShape.scale_at >= 0      ? ScaleForm::kBlockF16
                    : kFormat.tail_bytes == 0 ? ScaleForm::kOutside
                                              : ScaleForm::kTail,
      .col_multiple = kShape.weights,
      .has_zero = has_zero,
      .check_shape = [](int64_t rows, int64_t cols,
                        const CodecParams&) { return CheckBlockShape(kFormat, rows, cols); },
      .size = [](int64_t rows, int64_t cols) { return BlockMatrixSize(kFormat, rows, cols); },
      .pack = [](std::span<const int8_t> trits, int64_t rows, int64_t cols, float scale, const CodecParams& params,
                 std::span<uint8_t> data) { return PackBlockMatrix(kFormat, trits, rows, cols, scale, params, data); },
      .unpack =
          [](std::span<const uint8_t> data, int64_t rows, int64_t cols, const CodecParams& params,
             std::string_view tensor,
             std::span<int8_t> trits) { return UnpackBlockMatrix(kFormat, data, rows, cols, params, tensor, trits); },
      .repack_to_i2s =
          [](std::span<const uint8_t> data, int64_t rows, int64_t cols, const CodecParams& params,
             std::string_view tensor, std::span<uint8_t> packed) {
            return RepackBlockMatrix(kFormat, data, rows, cols, params, tensor, packed);
          },
  };
}

constexpr TernaryCodec kCodecs[] = {
    BlockCodec<kI2sFormat>("i2_s", TensorType::kI2S),
    BlockCodec<kI2s64Format>("i2_s_64", TensorType::kI2S),
    {"tl1", TensorType::kTl1, ScaleForm::kTail, 4, true, CheckTl1Shape, Tl1Size, PackTl1, UnpackTl1, RepackTl1},
    {"tl2", TensorType::kTl2, ScaleForm::kTail, 8, true, CheckTl2Shape, Tl2Size, PackTl2, UnpackTl2, RepackTl2},
    BlockCodec<kTq1_0Format>("tq1_0", TensorType::kTq1_0),
    BlockCodec<kTq2_0Format>("tq2_0", TensorType::kTq2_0),
    BlockCodec<kQ2_0Format>("q2_0", TensorType::kQ2_0),
    BlockCodec<kQ1_0Format>("q1_0", TensorType::kQ1_0, /*has_zero=*/false),
    BlockCodec<kI2s32Format>("i2s_32", TensorType::kI2S32),
    BlockCodec<kQk256Format>("qk256", TensorType::kQk256),
};

}  // namespace

std::span<const TernaryCodec> TernaryCodecs() { return kCodecs; }

const TernaryCodec* FindTernaryCodec(std::string_view name) {
  for (const TernaryCodec& codec : kCodecs) {
    if (codec.name == name) return &codec;
  }
  return nullptr;
}

const TernaryCodec* TernaryCodecOfType(TensorType type) {
  for (const TernaryCodec& codec : kCodecs) {
    if (codec.type == type) return &codec;
  }
  return nullptr;
}

absl::Status CheckCodecScale(const TernaryCodec& codec, float scale) {
  const std::string what = absl::StrCat(codec.name, " scale");
  if (codec.scale_form == ScaleForm::kBlockF16) return RoundScale(scale, what).status();
  return CheckScale(scale, what);
}

absl::StatusOr<float> RepackToI2s(const TernaryCodec& codec, std::span<const uint8_t> data, int64_t rows, int64_t cols,
                                  const CodecParams& params, std::string_view name, std::span<uint8_t> packed) {
  if (rows < 1 || cols < 1 || cols % kI2sBlock != 0) {
    return absl::InvalidArgumentError(absl::StrCat("tensor \"", name, "\" [", rows, "][", cols,
                                                   "]: the kernels need rows of a multiple of ", kI2sBlock,
                                                   " weights"));
  }
  return codec.repack_to_i2s(data, rows, cols, params, name, packed);
}

}  // namespace bitnet
