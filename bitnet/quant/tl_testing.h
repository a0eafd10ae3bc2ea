// What the tests of TL1 and TL2 share.

#ifndef BITNET_QUANT_TL_TESTING_H_
#define BITNET_QUANT_TL_TESTING_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/quant/codec.h"

namespace bitnet {

// Trits that other programs can make too: i * 2654435761 mod 2^32, xor its upper 17 bits, times 0x85ebca6b mod 2^32,
// xor its upper 19 bits, mod 3, less 1.
inline std::vector<int8_t> HashedTrits(int64_t count, uint32_t first = 0) {
  std::vector<int8_t> trits(static_cast<size_t>(count));
  uint32_t i = first;
  for (int8_t& trit : trits) {
    uint32_t x = i++ * 2654435761u;
    x = (x ^ x >> 15) * 0x85ebca6bu;
    trit = static_cast<int8_t>((x ^ x >> 13) % 3) - 1;
  }
  return trits;
}

// Every set of instructions with TL kernels that this CPU has.
inline const std::vector<IsaSet>& TlIsas() {
  static const std::vector<IsaSet> isas = [] {
    std::vector<IsaSet> found = {{Isa::kScalar}};
    for (const Isa isa : {Isa::kAvx2, Isa::kAvx512}) {
      if (DetectIsaSet().Has(isa)) found.push_back(IsaClosure(isa));
    }
    return found;
  }();
  return isas;
}

inline CodecParams TlParams(const TlTiling& tiling, IsaSet isa = {Isa::kScalar}) {
  CodecParams params;
  params.tiling = &tiling;
  params.isa = isa;
  return params;
}

// The digest of what Microsoft's converter makes of HashedTrits under a tiling: codes and the zeros it adds, no tail.
struct TlGolden {
  TlTiling tiling;
  size_t bytes;
  std::string_view sha256;
};

}  // namespace bitnet

#endif  // BITNET_QUANT_TL_TESTING_H_
