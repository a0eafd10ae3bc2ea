#include "bitnet/synthetic/tensor_bytes.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "absl/log/check.h"
#include "bitnet/base/philox.h"

namespace bitnet {
namespace {

constexpr uint64_t kTail = 32;  // of an I2_S tensor

void PutU32(uint32_t value, uint8_t* out) {
  for (int i = 0; i < 4; ++i) out[i] = static_cast<uint8_t>(value >> (8 * i));
}

void PutU16(uint16_t value, uint8_t* out) {
  out[0] = static_cast<uint8_t>(value);
  out[1] = static_cast<uint8_t>(value >> 8);
}

// Code 3 has both bits set; taking the upper one away leaves code 1, a zero weight.
uint32_t WithoutCode3(uint32_t codes) { return codes & ~((codes & codes << 1) & 0xAAAAAAAAu); }

// The sum of eight integers uniform in [0, 128) is close to normal (excess kurtosis -0.15) and its distribution is
// known exactly in 64-bit integers: ways[s] of 2^56 draws give the sum s.
std::array<F16, 4096> BellCurveQuantiles(float standard_deviation) {
  std::vector<uint64_t> ways = {1};
  for (int draw = 0; draw < 8; ++draw) {
    std::vector<uint64_t> next(ways.size() + 127, 0);
    for (size_t sum = 0; sum < ways.size(); ++sum) {
      for (size_t value = 0; value < 128; ++value) next[sum + value] += ways[sum];
    }
    ways = std::move(next);
  }
  // Variance of the sum: 8 * (128^2 - 1) / 12 = 10922. Its mean is 8 * 127 / 2 = 508.
  const float unit = standard_deviation / std::sqrt(10922.0f);
  std::array<F16, 4096> quantiles;
  size_t sum = 0;
  uint64_t below = ways[0];  // draws with a sum <= `sum`
  for (uint64_t i = 0; i < quantiles.size(); ++i) {
    const uint64_t middle = (2 * i + 1) << 43;  // (i + 1/2) / 4096 of 2^56
    while (below <= middle) below += ways[++sum];
    quantiles[i] = F32ToF16(static_cast<float>(static_cast<int>(sum) - 508) * unit);
  }
  return quantiles;
}

uint64_t SizeOf(const SyntheticTensor& tensor) {
  uint64_t elements = 1;
  for (const uint64_t dim : tensor.dims) elements *= dim;
  const absl::StatusOr<uint64_t> size = TensorSizeInBytes(tensor.type, elements, tensor.dims[0]);
  CHECK(size.ok()) << tensor.name << ": " << size.status();
  return *size;
}

}  // namespace

TensorBytes::TensorBytes(const SyntheticTensor& tensor, uint64_t seed, uint64_t index)
    : type_(tensor.type), seed_(seed), stream_(index), size_(SizeOf(tensor)), scale_(tensor.scale) {
  CHECK(type_ == TensorType::kI2S || type_ == TensorType::kF16 || type_ == TensorType::kF32) << tensor.name;
  if (type_ == TensorType::kI2S) packed_size_ = size_ - kTail;
  if (type_ == TensorType::kF16) {
    const uint64_t row_bytes = tensor.dims[0] * sizeof(F16);
    CHECK_EQ(row_bytes % kGrain, 0u) << tensor.name;
    quiet_from_ = tensor.quiet_from > size_ / row_bytes ? size_ : tensor.quiet_from * row_bytes;
    quantiles_ = BellCurveQuantiles(scale_);
    quiet_quantiles_ = BellCurveQuantiles(scale_ / 4);
  }
}

void TensorBytes::Fill(uint64_t begin, std::span<uint8_t> out) const {
  CHECK_EQ(begin % kGrain, 0u);
  CHECK_LE(begin + out.size(), size_);
  uint8_t block[kGrain];
  for (size_t done = 0; done < out.size(); done += kGrain) {
    const uint64_t offset = begin + done;
    if (type_ == TensorType::kI2S && offset >= packed_size_) {
      std::fill(std::begin(block), std::end(block), uint8_t{0});
      if (offset == packed_size_) PutU32(std::bit_cast<uint32_t>(scale_), block);
    } else {
      const std::array<F16, 4096>& quantiles = offset < quiet_from_ ? quantiles_ : quiet_quantiles_;
      const std::array<uint32_t, 4> random = PhiloxAt(seed_, stream_, offset / kGrain);
      for (int i = 0; i < 4; ++i) {
        uint8_t* word = block + 4 * i;
        if (type_ == TensorType::kI2S) {
          PutU32(WithoutCode3(random[i]), word);
        } else if (type_ == TensorType::kF16) {
          PutU16(quantiles[random[i] >> 4 & 0xFFF], word);
          PutU16(quantiles[random[i] >> 20], word + 2);
        } else {
          const float weight = 0.75f + static_cast<float>(random[i] >> 23) * 0x1p-10f;  // exact
          PutU32(std::bit_cast<uint32_t>(weight), word);
        }
      }
    }
    std::copy_n(block, std::min<size_t>(kGrain, out.size() - done), out.begin() + done);
  }
}

}  // namespace bitnet
