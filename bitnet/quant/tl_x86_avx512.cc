// AVX-512 for all that fills four lanes, AVX2 for a narrower rest: tiles of pairs in TL2 are 32 columns, two lanes.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/quant/tl_x86.h"

namespace bitnet {
namespace {

struct V512 {
  using Reg = __m512i;
  static constexpr int kLanes = 4;

  static Reg Zero() { return _mm512_setzero_si512(); }
  static Reg Set8(int v) { return _mm512_set1_epi8(static_cast<char>(v)); }
  static Reg Set16(int v) { return _mm512_set1_epi16(static_cast<int16_t>(v)); }
  static Reg Set32(int v) { return _mm512_set1_epi32(v); }
  static Reg Load(const void* p) { return _mm512_loadu_si512(p); }
  static void Store(void* p, Reg v) { _mm512_storeu_si512(p, v); }
  static Reg Table(const int8_t* p) {
    return _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static Reg Join(__m256i low, __m256i high) { return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1); }
  static __m256i Bottom(Reg v) { return _mm512_castsi512_si256(v); }
  static __m256i Top(Reg v) { return _mm512_extracti64x4_epi64(v, 1); }

  static Reg LoadLanes(const uint8_t* p, int64_t step) {
    return Join(V256::LoadLanes(p, step), V256::LoadLanes(p + 2 * step, step));
  }
  static void StoreLanes(uint8_t* p, int64_t step, Reg v) {
    V256::StoreLanes(p, step, Bottom(v));
    V256::StoreLanes(p + 2 * step, step, Top(v));
  }
  static Reg LoadRows(const int8_t* p, int64_t step, int64_t unit) {
    return Join(V256::LoadLanes(p, step), V256::LoadLanes(p + unit, step));
  }
  static void StoreRows(int8_t* p, int64_t step, int64_t unit, Reg v) {
    V256::StoreLanes(p, step, Bottom(v));
    V256::StoreLanes(p + unit, step, Top(v));
  }
  static Reg LoadPieces(const uint8_t* p, int64_t unit) { return Join(V256::Load(p), V256::Load(p + unit)); }
  static void StorePieces(uint8_t* p, int64_t unit, Reg v) {
    V256::Store(p, Bottom(v));
    V256::Store(p + unit, Top(v));
  }
  static Reg LoadHalves(const int8_t* p, int64_t stride, int64_t step, int64_t unit) {
    return Join(V256::LoadHalves(p, stride, step, 0), V256::LoadHalves(p + unit, stride, step, 0));
  }
  static void StoreHalves(int8_t* p, int64_t stride, int64_t step, int64_t unit, Reg v) {
    V256::StoreHalves(p, stride, step, 0, Bottom(v));
    V256::StoreHalves(p + unit, stride, step, 0, Top(v));
  }

  static Reg Low8(Reg a, Reg b) { return _mm512_unpacklo_epi8(a, b); }
  static Reg High8(Reg a, Reg b) { return _mm512_unpackhi_epi8(a, b); }
  static Reg Shuffle(Reg table, Reg index) { return _mm512_shuffle_epi8(table, index); }
  static Reg And(Reg a, Reg b) { return _mm512_and_si512(a, b); }
  static Reg Or(Reg a, Reg b) { return _mm512_or_si512(a, b); }
  static Reg Xor(Reg a, Reg b) { return _mm512_xor_si512(a, b); }
  static Reg Add8(Reg a, Reg b) { return _mm512_add_epi8(a, b); }
  static Reg Sub8(Reg a, Reg b) { return _mm512_sub_epi8(a, b); }
  static Reg Add16(Reg a, Reg b) { return _mm512_add_epi16(a, b); }
  static Reg Sub16(Reg a, Reg b) { return _mm512_sub_epi16(a, b); }
  static Reg MaxU8(Reg a, Reg b) { return _mm512_max_epu8(a, b); }
  static Reg Abs8(Reg a) { return _mm512_abs_epi8(a); }
  static Reg Right4(Reg a) { return _mm512_srli_epi16(a, 4); }
  static Reg Left4(Reg a) { return _mm512_slli_epi16(a, 4); }
  static Reg Sign16(Reg a) { return _mm512_srai_epi16(a, 15); }
  static Reg Sign8(Reg a) { return _mm512_movm_epi8(_mm512_movepi8_mask(a)); }
  static Reg Pack16(Reg a, Reg b) { return _mm512_packs_epi16(a, b); }
  static Reg Pack32(Reg a, Reg b) { return _mm512_packs_epi32(a, b); }
  static Reg PackU16(Reg a, Reg b) { return _mm512_packus_epi16(a, b); }
  static Reg MulAdd8(Reg a, Reg b) { return _mm512_maddubs_epi16(a, b); }
  static Reg MulAdd16(Reg a, Reg b) { return _mm512_madd_epi16(a, b); }
  static Reg ZeroAnd(Reg a, Reg b) { return _mm512_maskz_mov_epi8(_mm512_testn_epi8_mask(a, a), b); }
  static bool AnyAbove(Reg a, int limit) { return _mm512_cmpgt_epu8_mask(a, Set8(limit)) != 0; }
};

}  // namespace

bool UnpackTlPairsAvx512(const TlPairStrip& strip, const uint8_t* codes, int8_t* trits) {
  bool legal = true;
  int64_t cell = UnpackPairBlocks<V512>(strip, 0, codes, trits, legal);
  cell = UnpackPairBlocks<V256>(strip, cell, codes, trits, legal);
  return UnpackLastPairs(strip, cell, codes, trits) && legal;
}

bool PackTlPairsAvx512(const TlPairStrip& strip, const int8_t* trits, uint8_t* codes) {
  bool legal = true;
  int64_t cell = PackPairBlocks<V512>(strip, 0, trits, codes, legal);
  cell = PackPairBlocks<V256>(strip, cell, trits, codes, legal);
  return PackLastPairs(strip, cell, trits, codes) && legal;
}

bool UnpackTlTriplesAvx512(const TlTripleStrip& strip, const uint8_t* codes, const uint8_t* signs, int8_t* trits) {
  bool legal = true;
  const int64_t unit = UnpackTripleBlocks<V512>(strip, 0, codes, signs, trits, legal);
  UnpackTripleBlocks<V256>(strip, unit, codes, signs, trits, legal);
  return legal;
}

bool PackTlTriplesAvx512(const TlTripleStrip& strip, const int8_t* trits, uint8_t* codes, uint8_t* signs) {
  bool legal = true;
  const int64_t unit = PackTripleBlocks<V512>(strip, 0, trits, codes, signs, legal);
  PackTripleBlocks<V256>(strip, unit, trits, codes, signs, legal);
  return legal;
}

}  // namespace bitnet
