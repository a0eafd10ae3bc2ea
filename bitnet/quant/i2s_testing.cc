#include "bitnet/quant/i2s_testing.h"

#include <algorithm>
#include <cstddef>

#include "absl/log/check.h"
#include "bitnet/tensor/ternary_view.h"

namespace bitnet {
namespace {

constexpr size_t kBlockBytes = kI2sBlock / 4;
constexpr size_t kSlots = 4;  // weights in a byte

}  // namespace

void PackI2s(std::span<const int8_t> trits, std::span<uint8_t> packed) {
  CHECK_EQ(trits.size() % kI2sBlock, 0u);
  CHECK_EQ(packed.size() * kSlots, trits.size());
  uint8_t largest = 0;
  for (size_t block = 0; block < trits.size() / kI2sBlock; ++block) {
    const int8_t* in = trits.data() + block * kI2sBlock;
    uint8_t* out = packed.data() + block * kBlockBytes;
    for (size_t p = 0; p < kBlockBytes; ++p) {
      uint8_t byte = 0;
      for (size_t slot = 0; slot < kSlots; ++slot) {
        const uint8_t code = static_cast<uint8_t>(in[p + slot * kBlockBytes] + 1);
        largest = std::max(largest, code);
        byte = static_cast<uint8_t>(byte << 2 | code);
      }
      out[p] = byte;
    }
  }
  CHECK_LE(largest, 2) << "a weight outside {-1, 0, +1}";
}

void UnpackI2s(std::span<const uint8_t> packed, std::span<int8_t> trits) {
  CHECK_EQ(trits.size() % kI2sBlock, 0u);
  CHECK_EQ(packed.size() * kSlots, trits.size());
  for (size_t block = 0; block < trits.size() / kI2sBlock; ++block) {
    const uint8_t* in = packed.data() + block * kBlockBytes;
    int8_t* out = trits.data() + block * kI2sBlock;
    for (size_t slot = 0; slot < kSlots; ++slot) {
      for (size_t p = 0; p < kBlockBytes; ++p) {
        out[slot * kBlockBytes + p] = static_cast<int8_t>(((in[p] >> (6 - 2 * slot)) & 3) - 1);
      }
    }
  }
}

}  // namespace bitnet
