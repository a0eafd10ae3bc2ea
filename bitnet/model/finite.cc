#include "bitnet/model/finite.h"

#include <algorithm>

namespace bitnet {
namespace {

constexpr F16 kExponent = 0x7c00;
constexpr size_t kChunk = 4096;  // values looked at before asking whether one was bad

// Branch-free, so that the compiler turns it into vector compares.
bool AnyNonFinite(const F16* values, size_t n) {
  unsigned any = 0;
  for (size_t i = 0; i < n; ++i) any |= static_cast<unsigned>((values[i] & kExponent) == kExponent);
  return any != 0;
}

}  // namespace

std::optional<size_t> FindNonFinite(std::span<const F16> values) {
  for (size_t begin = 0; begin < values.size(); begin += kChunk) {
    const size_t end = std::min(values.size(), begin + kChunk);
    if (!AnyNonFinite(values.data() + begin, end - begin)) continue;
    for (size_t i = begin; i < end; ++i) {
      if ((values[i] & kExponent) == kExponent) return i;
    }
  }
  return std::nullopt;
}

}  // namespace bitnet
