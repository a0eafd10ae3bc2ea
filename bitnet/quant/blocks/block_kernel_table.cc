#include "bitnet/quant/blocks/block_kernel_table.h"

#include <array>

namespace bitnet {
namespace {

constexpr int kMostWeights = 256;

// Each byte by the rule of block_shape.h; the lowest weight of a byte is that of its code 0.
int FirstIllegalTq1Weight(const uint8_t* codes) {
  constexpr int kFives = 32, kMoreFives = 48, kEnd = 52;
  for (int byte = 0; byte < kEnd; ++byte) {
    uint8_t rest = codes[byte];
    const int count = byte < kMoreFives ? 5 : 4;
    for (int n = 0; n < count; ++n) rest = static_cast<uint8_t>(rest * 3);
    if (rest <= (count == 5 ? kTq1MostRest : kTq1MostRestOfFour)) continue;
    if (byte < kFives) return byte;
    return byte < kMoreFives ? 160 + byte - kFives : 240 + byte - kMoreFives;
  }
  return -1;
}

}  // namespace

const BlockKernels& BlockKernelsFor(BlockLayout layout, IsaSet isa) {
  const int row = static_cast<int>(layout);
#if defined(__x86_64__)
  if (isa.Has(Isa::kAvx512)) return kBlockKernelsAvx512[row];
  if (isa.Has(Isa::kAvx2)) return kBlockKernelsAvx2[row];
#endif
  return kBlockKernelsScalar[row];
}

int FirstIllegalWeight(BlockLayout layout, const uint8_t* block) {
  const BlockShape shape = ShapeOf(layout);
  if (layout == BlockLayout::kTq1_0) return FirstIllegalTq1Weight(block + shape.codes_at);
  constexpr int8_t kCode3 = 2;  // what the scalar kernels make of code 3
  std::array<int8_t, kMostWeights> trits;
  kBlockKernelsScalar[static_cast<int>(layout)].unpack(block, 1, trits.data());
  for (int i = 0; i < shape.weights; ++i) {
    if (trits[i] == kCode3) return i;
  }
  return -1;
}

}  // namespace bitnet
