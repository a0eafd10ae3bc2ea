// AVX-512 (F, BW, VL): 64 weights per register.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/quant/blocks/block_shape.h"

namespace bitnet {
namespace {

inline __m128i Load16(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }
inline __m256i Load32(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
inline __m512i Load64(const void* p) { return _mm512_loadu_si512(p); }
inline void Store16(void* p, __m128i v) { _mm_storeu_si128(static_cast<__m128i*>(p), v); }
inline void Store32(void* p, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }
inline void Store64(void* p, __m512i v) { _mm512_storeu_si512(p, v); }

inline __m512i LoadCodes(const int8_t* trits) { return _mm512_add_epi8(Load64(trits), _mm512_set1_epi8(1)); }
inline void StoreTrits(int8_t* trits, __m512i codes) { Store64(trits, _mm512_sub_epi8(codes, _mm512_set1_epi8(1))); }

// Keeps the largest value of each lane: a code beyond kMost is illegal.
template <int kMost>
struct Check {
  void Add(__m512i values) { largest = _mm512_max_epu8(largest, values); }
  void Add(__m256i values) { Add(_mm512_zextsi256_si512(values)); }
  void Add(__m128i values) { Add(_mm512_zextsi128_si512(values)); }
  uint32_t Bad() const {
    return _mm512_cmpgt_epu8_mask(largest, _mm512_set1_epi8(static_cast<char>(kMost))) == 0 ? 0 : 1;
  }
  __m512i largest = _mm512_setzero_si512();
};

// The same shift for each lane of 16 bytes.
inline __m512i LaneShifts(int a, int b, int c, int d) {
  return _mm512_setr_epi32(a, a, a, a, b, b, b, b, c, c, c, c, d, d, d, d);
}

// Groups of 128 weights in 32 bytes; byte p has weights p, p + 32, p + 64, p + 96: half a register each.
template <bool kHighFirst, int kGroups>
struct Planes {
  using PackCheck = Check<2>;
  using UnpackCheck = Check<2>;

  static __m512i Shifts01() { return kHighFirst ? LaneShifts(6, 6, 4, 4) : LaneShifts(0, 0, 2, 2); }
  static __m512i Shifts23() { return kHighFirst ? LaneShifts(2, 2, 0, 0) : LaneShifts(4, 4, 6, 6); }

  static void Pack(const int8_t* trits, uint8_t* codes, PackCheck& check) {
    for (int group = 0; group < kGroups; ++group, trits += 128, codes += 32) {
      const __m512i c01 = LoadCodes(trits), c23 = LoadCodes(trits + 64);
      check.Add(_mm512_max_epu8(c01, c23));
      const __m512i all = _mm512_or_si512(_mm512_sllv_epi32(c01, Shifts01()), _mm512_sllv_epi32(c23, Shifts23()));
      Store32(codes, _mm256_or_si256(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1)));
    }
  }
  static void Unpack(const uint8_t* codes, int8_t* trits, UnpackCheck& check) {
    const __m512i mask = _mm512_set1_epi8(3);
    for (int group = 0; group < kGroups; ++group, trits += 128, codes += 32) {
      const __m512i both = _mm512_broadcast_i64x4(Load32(codes));
      const __m512i c01 = _mm512_and_si512(_mm512_srlv_epi32(both, Shifts01()), mask);
      const __m512i c23 = _mm512_and_si512(_mm512_srlv_epi32(both, Shifts23()), mask);
      check.Add(_mm512_max_epu8(c01, c23));
      StoreTrits(trits, c01);
      StoreTrits(trits + 64, c23);
    }
  }
};

// 64 weights in 16 bytes; byte p has weights p, p + 16, p + 32, p + 48: a lane each.
struct I2s64 {
  using PackCheck = Check<2>;
  using UnpackCheck = Check<2>;

  static void Pack(const int8_t* trits, uint8_t* codes, PackCheck& check) {
    const __m512i c = LoadCodes(trits);
    check.Add(c);
    const __m512i four = _mm512_sllv_epi32(c, LaneShifts(6, 4, 2, 0));
    const __m256i two = _mm256_or_si256(_mm512_castsi512_si256(four), _mm512_extracti64x4_epi64(four, 1));
    Store16(codes, _mm_or_si128(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1)));
  }
  static void Unpack(const uint8_t* codes, int8_t* trits, UnpackCheck& check) {
    const __m512i four = _mm512_broadcast_i32x4(Load16(codes));
    const __m512i c = _mm512_and_si512(_mm512_srlv_epi32(four, LaneShifts(6, 4, 2, 0)), _mm512_set1_epi8(3));
    check.Add(c);
    StoreTrits(trits, c);
  }
};

// Weight j in byte j / 4, bits 2 * (j % 4), 64 weights at a time.
template <int kWeights>
struct Sequential {
  using PackCheck = Check<2>;
  using UnpackCheck = Check<2>;

  static void Pack(const int8_t* trits, uint8_t* codes, PackCheck& check) {
    for (int i = 0; i < kWeights; i += 64) {
      const __m512i c = LoadCodes(trits + i);
      check.Add(c);
      const __m512i pairs = _mm512_maddubs_epi16(c, _mm512_set1_epi16(0x0401));
      Store16(codes + i / 4, _mm512_cvtepi32_epi8(_mm512_madd_epi16(pairs, _mm512_set1_epi32(0x00100001))));
    }
  }
  static void Unpack(const uint8_t* codes, int8_t* trits, UnpackCheck& check) {
    for (int i = 0; i < kWeights; i += 64) {
      // A byte per 32-bit lane; its high nibble goes up two bytes, then the high pair of each nibble up one.
      __m512i x = _mm512_cvtepu8_epi32(Load16(codes + i / 4));
      x = _mm512_and_si512(_mm512_or_si512(x, _mm512_slli_epi32(x, 12)), _mm512_set1_epi32(0x000f000f));
      x = _mm512_and_si512(_mm512_or_si512(x, _mm512_slli_epi32(x, 6)), _mm512_set1_epi8(3));
      check.Add(x);
      StoreTrits(trits + i, x);
    }
  }
};

// A block is half a register.
struct Sequential32 {
  using PackCheck = Check<2>;
  using UnpackCheck = Check<2>;

  static void Pack(const int8_t* trits, uint8_t* codes, PackCheck& check) {
    const __m256i c = _mm256_add_epi8(Load32(trits), _mm256_set1_epi8(1));
    check.Add(c);
    const __m256i pairs = _mm256_maddubs_epi16(c, _mm256_set1_epi16(0x0401));
    const __m256i bytes = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00100001));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(codes), _mm256_cvtepi32_epi8(bytes));
  }
  static void Unpack(const uint8_t* codes, int8_t* trits, UnpackCheck& check) {
    __m256i x = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(codes)));
    x = _mm256_and_si256(_mm256_or_si256(x, _mm256_slli_epi32(x, 12)), _mm256_set1_epi32(0x000f000f));
    x = _mm256_and_si256(_mm256_or_si256(x, _mm256_slli_epi32(x, 6)), _mm256_set1_epi8(3));
    check.Add(x);
    Store32(trits, _mm256_sub_epi8(x, _mm256_set1_epi8(1)));
  }
};

struct Q1 {
  using PackCheck = Check<0>;
  using UnpackCheck = Check<0>;  // every bit is legal

  static void Pack(const int8_t* trits, uint8_t* codes, PackCheck& check) {
    for (int i = 0; i < 128; i += 64) {
      const __m512i t = Load64(trits + i);
      check.Add(_mm512_xor_si512(_mm512_abs_epi8(t), _mm512_set1_epi8(1)));
      const uint64_t plus = ~static_cast<uint64_t>(_mm512_movepi8_mask(t));
      __builtin_memcpy(codes + i / 8, &plus, sizeof(plus));
    }
  }
  static void Unpack(const uint8_t* codes, int8_t* trits, UnpackCheck& check) {
    for (int i = 0; i < 128; i += 64) {
      uint64_t plus;
      __builtin_memcpy(&plus, codes + i / 8, sizeof(plus));
      Store64(trits + i, _mm512_mask_blend_epi8(plus, _mm512_set1_epi8(-1), _mm512_set1_epi8(1)));
    }
  }
};

struct Tq1 {
  using PackCheck = Check<2>;
  using UnpackCheck = Check<kTq1MostRest>;

  static __m128i Times3(__m128i q) { return _mm_add_epi8(q, _mm_add_epi8(q, q)); }
  static __m256i Times3(__m256i q) { return _mm256_add_epi8(q, _mm256_add_epi8(q, q)); }
  static __m512i Times3(__m512i q) { return _mm512_add_epi8(q, _mm512_add_epi8(q, q)); }

  // v / 243 in units of 1 / 256, rounded up; v <= 242 in each byte.
  static __m256i Fraction(__m256i v) {
    const __m512i up = _mm512_add_epi16(_mm512_slli_epi16(_mm512_cvtepu8_epi16(v), 8), _mm512_set1_epi16(242));
    const __m512i by = _mm512_set1_epi16(static_cast<int16_t>(kTq1Multiplier));
    return _mm512_cvtepi16_epi8(_mm512_srli_epi16(_mm512_mulhi_epu16(up, by), kTq1Shift));
  }
  static __m128i Fraction(__m128i v) { return _mm256_castsi256_si128(Fraction(_mm256_zextsi128_si256(v))); }

  static void Pack(const int8_t* trits, uint8_t* codes, PackCheck& check) {
    const __m512i c01 = LoadCodes(trits), c23 = LoadCodes(trits + 64), d = LoadCodes(trits + 160);
    const __m256i c4 = _mm256_add_epi8(Load32(trits + 128), _mm256_set1_epi8(1));
    const __m256i d4e = _mm256_add_epi8(Load32(trits + 224), _mm256_set1_epi8(1));
    check.Add(_mm512_max_epu8(_mm512_max_epu8(c01, c23), d));
    check.Add(_mm256_max_epu8(c4, d4e));
    // Halves 9 c0 + c2 and 9 c1 + c3; v = 3 (3 (9 c0 + c2) + (9 c1 + c3)) + c4.
    const __m512i halves = _mm512_add_epi8(Times3(Times3(c01)), c23);
    const __m256i v = _mm256_add_epi8(Times3(_mm512_castsi512_si256(halves)), _mm512_extracti64x4_epi64(halves, 1));
    Store32(codes, Fraction(_mm256_add_epi8(Times3(v), c4)));
    const __m256i quarters =
        _mm256_add_epi8(Times3(Times3(_mm512_castsi512_si256(d))), _mm512_extracti64x4_epi64(d, 1));
    __m128i w = _mm_add_epi8(Times3(_mm256_castsi256_si128(quarters)), _mm256_extracti128_si256(quarters, 1));
    Store16(codes + 32, Fraction(_mm_add_epi8(Times3(w), _mm256_castsi256_si128(d4e))));
    const __m128i e = _mm256_extracti128_si256(d4e, 1);
    w = _mm_add_epi8(Times3(e), _mm_srli_si128(e, 4));
    w = _mm_add_epi8(Times3(w), _mm_srli_si128(e, 8));
    w = _mm_add_epi8(Times3(w), _mm_srli_si128(e, 12));
    const int four = _mm_cvtsi128_si32(Fraction(Times3(w)));
    __builtin_memcpy(codes + 48, &four, sizeof(four));
  }

  static __m512i Trits(__m512i q) {
    const __m512i zero = _mm512_movm_epi8(_mm512_cmpge_epu8_mask(q, _mm512_set1_epi8(kTq1Zero)));
    const __m512i plus = _mm512_movm_epi8(_mm512_cmpge_epu8_mask(q, _mm512_set1_epi8(static_cast<char>(kTq1Plus))));
    return _mm512_sub_epi8(_mm512_sub_epi8(_mm512_set1_epi8(-1), zero), plus);
  }

  static void Unpack(const uint8_t* codes, int8_t* trits, UnpackCheck& check) {
    // Halves q and 3q, then 9 times that, then 81 times: codes 0 and 1, 2 and 3, 4 and the rest.
    const __m256i q0 = Load32(codes);
    __m512i q = _mm512_inserti64x4(_mm512_castsi256_si512(q0), Times3(q0), 1);
    Store64(trits, Trits(q));
    q = Times3(Times3(q));
    Store64(trits + 64, Trits(q));
    q = Times3(Times3(q));
    Store32(trits + 128, _mm512_castsi512_si256(Trits(q)));
    check.Add(_mm512_extracti64x4_epi64(q, 1));

    // Lanes q, 3q, 9q, 27q, then code 4 together with the four bytes that have four codes.
    const __m128i r0 = Load16(codes + 32);
    const __m256i r01 = _mm256_inserti128_si256(_mm256_castsi128_si256(r0), Times3(r0), 1);
    const __m256i r23 = Times3(Times3(r01));
    Store64(trits + 160, Trits(_mm512_inserti64x4(_mm512_castsi256_si512(r01), r23, 1)));
    const __m128i r4 = Times3(_mm256_extracti128_si256(r23, 1));
    check.Add(Times3(r4));
    int four;
    __builtin_memcpy(&four, codes + 48, sizeof(four));
    const __m128i s0 = _mm_cvtsi32_si128(four), s1 = Times3(s0), s2 = Times3(s1), s3 = Times3(s2);
    const __m128i s = _mm_unpacklo_epi64(_mm_unpacklo_epi32(s0, s1), _mm_unpacklo_epi32(s2, s3));
    check.Add(_mm_adds_epu8(Times3(s3), _mm_set1_epi8(static_cast<char>(kTq1MostRest - kTq1MostRestOfFour))));
    const __m256i last = _mm256_inserti128_si256(_mm256_castsi128_si256(r4), s, 1);
    Store32(trits + 224, _mm512_castsi512_si256(Trits(_mm512_castsi256_si512(last))));
  }
};

}  // namespace

const BlockKernels kBlockKernelsAvx512[kBlockLayouts] = {
    KernelsOf<BlockLayout::kI2s, Planes<true, 1>>(), KernelsOf<BlockLayout::kI2s64, I2s64>(),
    KernelsOf<BlockLayout::kTq1_0, Tq1>(),           KernelsOf<BlockLayout::kTq2_0, Planes<false, 2>>(),
    KernelsOf<BlockLayout::kQ2_0, Sequential<64>>(), KernelsOf<BlockLayout::kQ1_0, Q1>(),
    KernelsOf<BlockLayout::kI2s32, Sequential32>(),  KernelsOf<BlockLayout::kQk256, Sequential<256>>(),
};

}  // namespace bitnet
