// Two 16-byte lanes in an AVX2 register, and the operations that the TL1 and TL2 strips are made of. For tl_x86.h only,
// in an anonymous namespace as all of it is.

#ifndef BITNET_QUANT_TL_X86_V256_H_
#define BITNET_QUANT_TL_X86_V256_H_

#include <immintrin.h>

#include <cstdint>

namespace bitnet {
namespace {

struct V256 {
  using Reg = __m256i;
  static constexpr int kLanes = 2;

  static Reg Zero() { return _mm256_setzero_si256(); }
  static Reg Set8(int v) { return _mm256_set1_epi8(static_cast<char>(v)); }
  static Reg Set16(int v) { return _mm256_set1_epi16(static_cast<int16_t>(v)); }
  static Reg Set32(int v) { return _mm256_set1_epi32(v); }
  static Reg Load(const void* p) { return _mm256_loadu_si256(static_cast<const Reg*>(p)); }
  static void Store(void* p, Reg v) { _mm256_storeu_si256(static_cast<Reg*>(p), v); }
  static Reg Table(const int8_t* p) {
    return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(p)));
  }
  // Lane i is at p + i * step.
  static Reg LoadLanes(const void* p, int64_t step) {
    const char* bytes = static_cast<const char*>(p);
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low),
                                   _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + step)), 1);
  }
  static void StoreLanes(void* p, int64_t step, Reg v) {
    char* bytes = static_cast<char*>(p);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes), _mm256_castsi256_si128(v));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes + step), _mm256_extracti128_si256(v, 1));
  }
  // Lane i is at p + i % 2 * step + i / 2 * unit; here the second term is always 0.
  static Reg LoadRows(const int8_t* p, int64_t step, int64_t) { return LoadLanes(p, step); }
  static void StoreRows(int8_t* p, int64_t step, int64_t, Reg v) { StoreLanes(p, step, v); }
  // Pieces of 32 bytes `unit` apart; here one.
  static Reg LoadPieces(const uint8_t* p, int64_t) { return Load(p); }
  static void StorePieces(uint8_t* p, int64_t, Reg v) { Store(p, v); }
  // The 8-byte halves of a lane are `stride` apart.
  static Reg LoadHalves(const int8_t* p, int64_t stride, int64_t step, int64_t) {
    return _mm256_setr_m128i(Halves(p, stride), Halves(p + step, stride));
  }
  static void StoreHalves(int8_t* p, int64_t stride, int64_t step, int64_t, Reg v) {
    PutHalves(p, stride, _mm256_castsi256_si128(v));
    PutHalves(p + step, stride, _mm256_extracti128_si256(v, 1));
  }
  static __m128i Halves(const int8_t* p, int64_t stride) {
    return _mm_unpacklo_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)),
                              _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p + stride)));
  }
  static void PutHalves(int8_t* p, int64_t stride, __m128i v) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), v);
    _mm_storeh_pd(reinterpret_cast<double*>(p + stride), _mm_castsi128_pd(v));
  }

  static Reg Low8(Reg a, Reg b) { return _mm256_unpacklo_epi8(a, b); }
  static Reg High8(Reg a, Reg b) { return _mm256_unpackhi_epi8(a, b); }
  static Reg Shuffle(Reg table, Reg index) { return _mm256_shuffle_epi8(table, index); }
  static Reg And(Reg a, Reg b) { return _mm256_and_si256(a, b); }
  static Reg Or(Reg a, Reg b) { return _mm256_or_si256(a, b); }
  static Reg Xor(Reg a, Reg b) { return _mm256_xor_si256(a, b); }
  static Reg Add8(Reg a, Reg b) { return _mm256_add_epi8(a, b); }
  static Reg Sub8(Reg a, Reg b) { return _mm256_sub_epi8(a, b); }
  static Reg Add16(Reg a, Reg b) { return _mm256_add_epi16(a, b); }
  static Reg Sub16(Reg a, Reg b) { return _mm256_sub_epi16(a, b); }
  static Reg MaxU8(Reg a, Reg b) { return _mm256_max_epu8(a, b); }
  static Reg Abs8(Reg a) { return _mm256_abs_epi8(a); }
  static Reg Right4(Reg a) { return _mm256_srli_epi16(a, 4); }
  static Reg Left4(Reg a) { return _mm256_slli_epi16(a, 4); }
  static Reg Sign16(Reg a) { return _mm256_srai_epi16(a, 15); }
  static Reg Sign8(Reg a) { return _mm256_cmpgt_epi8(Zero(), a); }
  static Reg Pack16(Reg a, Reg b) { return _mm256_packs_epi16(a, b); }
  static Reg Pack32(Reg a, Reg b) { return _mm256_packs_epi32(a, b); }
  static Reg PackU16(Reg a, Reg b) { return _mm256_packus_epi16(a, b); }
  static Reg MulAdd8(Reg a, Reg b) { return _mm256_maddubs_epi16(a, b); }
  static Reg MulAdd16(Reg a, Reg b) { return _mm256_madd_epi16(a, b); }
  // A byte of ones where a == 0 and b is ones.
  static Reg ZeroAnd(Reg a, Reg b) { return And(_mm256_cmpeq_epi8(a, Zero()), b); }
  static bool AnyAbove(Reg a, int limit) {
    const Reg above = _mm256_subs_epu8(a, Set8(limit));
    return _mm256_testz_si256(above, above) == 0;
  }
};

}  // namespace
}  // namespace bitnet

#endif  // BITNET_QUANT_TL_X86_V256_H_
