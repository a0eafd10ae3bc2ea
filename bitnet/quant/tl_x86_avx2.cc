#include <cstdint>

#include "bitnet/quant/tl_x86.h"

namespace bitnet {

bool UnpackTlPairsAvx2(const TlPairStrip& strip, const uint8_t* codes, int8_t* trits) {
  bool legal = true;
  const int64_t cell = UnpackPairBlocks<V256>(strip, 0, codes, trits, legal);
  return UnpackLastPairs(strip, cell, codes, trits) && legal;
}

bool PackTlPairsAvx2(const TlPairStrip& strip, const int8_t* trits, uint8_t* codes) {
  bool legal = true;
  const int64_t cell = PackPairBlocks<V256>(strip, 0, trits, codes, legal);
  return PackLastPairs(strip, cell, trits, codes) && legal;
}

bool UnpackTlTriplesAvx2(const TlTripleStrip& strip, const uint8_t* codes, const uint8_t* signs, int8_t* trits) {
  bool legal = true;
  UnpackTripleBlocks<V256>(strip, 0, codes, signs, trits, legal);
  return legal;
}

bool PackTlTriplesAvx2(const TlTripleStrip& strip, const int8_t* trits, uint8_t* codes, uint8_t* signs) {
  bool legal = true;
  PackTripleBlocks<V256>(strip, 0, trits, codes, signs, legal);
  return legal;
}

}  // namespace bitnet
