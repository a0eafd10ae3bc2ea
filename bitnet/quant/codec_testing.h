// What the tests, fuzz targets and benchmarks of all codecs share.

#ifndef BITNET_QUANT_CODEC_TESTING_H_
#define BITNET_QUANT_CODEC_TESTING_H_

#include <bit>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "absl/log/check.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/tl_tiling.h"

namespace bitnet {

// Trits from a seed, without zeros where the codec has none.
inline std::vector<int8_t> RandomTrits(int64_t count, bool has_zero, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<int8_t> trits(static_cast<size_t>(count));
  for (int8_t& trit : trits) trit = static_cast<int8_t>(has_zero ? random() % 3 - 1 : random() % 2 * 2 - 1);
  return trits;
}

// The instruction sets that codecs differ on, as far as this CPU has them.
inline std::vector<IsaSet> CodecIsas() {
  std::vector<IsaSet> isas = {{Isa::kScalar}};
  for (const Isa isa : {Isa::kAvx2, Isa::kAvx512}) {
    if (DetectIsaSet().Has(isa)) isas.push_back(IsaClosure(isa));
  }
  return isas;
}

// A codec with what it needs for one shape: the default tiling, and the exact scale as metadata would have it.
class ShapedCodec {
 public:
  ShapedCodec(const TernaryCodec& codec, int64_t rows, int64_t cols) : codec_(codec), rows_(rows), cols_(cols) {
    if (codec.type == TensorType::kTl1) tiling_ = DefaultTl1Tiling(rows, cols);
    if (codec.type == TensorType::kTl2) tiling_ = DefaultTl2Tiling(rows, cols);
  }
  const TernaryCodec& codec() const { return codec_; }
  int64_t rows() const { return rows_; }
  int64_t cols() const { return cols_; }
  int64_t elements() const { return rows_ * cols_; }
  uint64_t size() const { return codec_.size(rows_, cols_); }

  CodecParams Params(IsaSet isa, std::optional<float> exact_scale = std::nullopt) const {
    CodecParams params;
    params.tiling = tiling_.has_value() ? &*tiling_ : nullptr;
    params.isa = isa;
    params.exact_scale = exact_scale.value_or(0);
    params.has_exact_scale = exact_scale.has_value();
    return params;
  }
  bool Fits() const { return codec_.check_shape(rows_, cols_, Params({Isa::kScalar})).ok(); }

  // Aborts on errors.
  std::vector<uint8_t> Pack(const std::vector<int8_t>& trits, float scale, IsaSet isa = {Isa::kScalar}) const {
    std::vector<uint8_t> data(size(), 0xee);
    CHECK_OK(codec_.pack(trits, rows_, cols_, scale, Params(isa), data)) << codec_.name;
    return data;
  }
  absl::StatusOr<float> Unpack(const std::vector<uint8_t>& data, std::vector<int8_t>& trits,
                               IsaSet isa = {Isa::kScalar}, std::optional<float> exact_scale = std::nullopt) const {
    trits.assign(static_cast<size_t>(elements()), 99);
    return codec_.unpack(data, rows_, cols_, Params(isa, exact_scale), "t", trits);
  }

 private:
  const TernaryCodec& codec_;
  int64_t rows_, cols_;
  std::optional<TlTiling> tiling_;
};

inline bool SameBits(float a, float b) { return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b); }

}  // namespace bitnet

#endif  // BITNET_QUANT_CODEC_TESTING_H_
