#include "verify/independent/ternary.h"

#include <algorithm>

namespace bitnet::verify::independent {

int Trit(const TernaryMatrix& matrix, int64_t row, int64_t col) {
  const int64_t i = row * matrix.cols + col;
  const uint8_t byte = matrix.codes[static_cast<size_t>(i / kBlockWeights * kBlockBytes + i % kBlockBytes)];
  const int shift = 6 - 2 * static_cast<int>(i % kBlockWeights / kBlockBytes);
  return ((byte >> shift) & 3) - 1;
}

void UnpackTrits(std::span<const uint8_t> codes, std::span<int16_t> trits) {
  const uint8_t* in = codes.data();
  int16_t* out = trits.data();
  for (size_t block = 0; block < codes.size(); block += kBlockBytes, in += kBlockBytes, out += kBlockWeights) {
    for (int i = 0; i < kBlockBytes; ++i) out[i] = static_cast<int16_t>((in[i] >> 6) - 1);
    for (int i = 0; i < kBlockBytes; ++i) out[32 + i] = static_cast<int16_t>(((in[i] >> 4) & 3) - 1);
    for (int i = 0; i < kBlockBytes; ++i) out[64 + i] = static_cast<int16_t>(((in[i] >> 2) & 3) - 1);
    for (int i = 0; i < kBlockBytes; ++i) out[96 + i] = static_cast<int16_t>((in[i] & 3) - 1);
  }
}

size_t FirstIllegalCode(std::span<const uint8_t> codes) {
  constexpr size_t kStride = 4096;
  for (size_t begin = 0; begin < codes.size(); begin += kStride) {
    const std::span<const uint8_t> part = codes.subspan(begin, std::min(kStride, codes.size() - begin));
    uint8_t both = 0;  // a low bit whose high bit is set too
    for (const uint8_t byte : part) both |= static_cast<uint8_t>(byte & (byte >> 1) & 0x55);
    if (both == 0) continue;
    for (size_t i = 0; i < part.size(); ++i) {
      if ((part[i] & (part[i] >> 1) & 0x55) != 0) return begin + i;
    }
  }
  return codes.size();
}

}  // namespace bitnet::verify::independent
