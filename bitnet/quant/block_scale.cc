#include "bitnet/quant/block_scale.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "bitnet/quant/ternary_scale.h"

namespace bitnet {
namespace {

bool AllZero(std::span<const int8_t> trits) {
  return std::all_of(trits.begin(), trits.end(), [](int8_t trit) { return trit == 0; });
}

F16 BitsAt(const uint8_t* block, const BlockShape& shape) {
  F16 bits;
  std::memcpy(&bits, block + shape.scale_at, sizeof(bits));
  return bits;
}

}  // namespace

absl::Status CheckScale(float scale, std::string_view what) {
  if (IsTernaryScale(scale)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, ": expected a finite number >= 0, got ", scale));
}

absl::StatusOr<F16> RoundScale(float scale, std::string_view what) {
  if (absl::Status status = CheckScale(scale, what); !status.ok()) return status;
  const F16 bits = F32ToF16(scale);
  const float rounded = F16ToF32(bits);
  if (std::isfinite(rounded) && (rounded > 0 || scale == 0)) return bits;
  return absl::InvalidArgumentError(absl::StrCat(what, ": ", scale, " is beyond the range of binary16 (it would be ",
                                                 rounded, "); store it in a format with a binary32 scale"));
}

absl::StatusOr<BlockScaleReader> BlockScaleReader::Create(const BlockFormat& format, const CodecParams& params,
                                                          std::string_view name) {
  BlockScaleReader reader(format, name);
  if (params.has_exact_scale) {
    const absl::StatusOr<F16> bits =
        RoundScale(params.exact_scale, absl::StrCat("tensor \"", name, "\": exact scale in the file's metadata"));
    if (!bits.ok()) return bits.status();
    reader.bits_ = *bits;
    reader.exact_ = params.exact_scale;
    reader.has_exact_ = reader.settled_ = true;
  }
  return reader;
}

absl::Status BlockScaleReader::Read(std::span<const uint8_t> data, std::span<const int8_t> trits) {
  const BlockShape shape = ShapeOf(format_->layout);
  const int64_t blocks = static_cast<int64_t>(data.size()) / shape.bytes;
  if (blocks == 0) return absl::OkStatus();
  if (next_block_ == 0 && !settled_) {
    bits_ = BitsAt(data.data(), shape);
    if (absl::Status status = ReadBlock(0, bits_, trits.first(shape.weights)); !status.ok()) return status;
  }
  // The rule is that all blocks have the same scale, which is settled by the first weight that is not zero.
  F16 different = 0;
  for (int64_t i = 0; i < blocks; ++i) different |= BitsAt(data.data() + i * shape.bytes, shape) ^ bits_;
  if (different != 0 || !settled_) {
    for (int64_t i = 0; i < blocks; ++i) {
      const absl::Status status = ReadBlock(next_block_ + i, BitsAt(data.data() + i * shape.bytes, shape),
                                            trits.subspan(i * shape.weights, shape.weights));
      if (!status.ok()) return status;
    }
  }
  next_block_ += blocks;
  return absl::OkStatus();
}

absl::Status BlockScaleReader::ReadBlock(int64_t block, F16 bits, std::span<const int8_t> trits) {
  if (settled_ && bits == bits_) return absl::OkStatus();
  const absl::Status valid =
      CheckScale(F16ToF32(bits), absl::StrCat("tensor \"", name_, "\": ", format_->label, " block ", block, ": scale"));
  if (!valid.ok()) return valid;
  const bool zero = AllZero(trits);
  if (settled_) return zero ? absl::OkStatus() : Different(block, bits);
  agree_ = agree_ && bits == bits_;
  if (!zero) {
    bits_ = bits;
    settled_ = true;
    settled_by_ = block;
  }
  return absl::OkStatus();
}

absl::Status BlockScaleReader::Different(int64_t block, F16 bits) const {
  const std::string place =
      absl::StrCat("tensor \"", name_, "\": ", format_->label, " block ", block, ": scale: expected ", F16ToF32(bits_));
  if (has_exact_) {
    return absl::InvalidArgumentError(absl::StrCat(place, ", the binary16 of the exact scale ", exact_,
                                                   " in the file's metadata, got ", F16ToF32(bits)));
  }
  return absl::UnimplementedError(absl::StrCat(place, " as in block ", settled_by_, ", got ", F16ToF32(bits),
                                               "; per-block scales are not supported by the matmul kernels"));
}

float BlockScaleReader::Scale() const {
  if (has_exact_) return exact_;
  return settled_ || agree_ ? F16ToF32(bits_) : 0.0f;
}

}  // namespace bitnet
