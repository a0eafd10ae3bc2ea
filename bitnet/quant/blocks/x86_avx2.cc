// AVX2: 32 weights or bytes per register.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/quant/blocks/block_shape.h"

namespace bitnet {
namespace {

inline __m256i Load(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
inline __m128i Load16(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }
inline void Store(void* p, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }
inline void Store16(void* p, __m128i v) { _mm_storeu_si128(static_cast<__m128i*>(p), v); }

inline __m256i LoadCodes(const int8_t* trits) { return _mm256_add_epi8(Load(trits), _mm256_set1_epi8(1)); }
inline __m128i LoadCodes16(const int8_t* trits) { return _mm_add_epi8(Load16(trits), _mm_set1_epi8(1)); }
inline void StoreTrits(int8_t* trits, __m256i codes) { Store(trits, _mm256_sub_epi8(codes, _mm256_set1_epi8(1))); }

// Keeps the largest value of each lane: a code beyond kMost is illegal.
template <int kMost>
struct Check {
  void Add(__m256i values) { largest = _mm256_max_epu8(largest, values); }
  void Add16(__m128i values) { Add(_mm256_zextsi128_si256(values)); }
  uint32_t Bad() const {
    const __m256i beyond = _mm256_subs_epu8(largest, _mm256_set1_epi8(static_cast<char>(kMost)));
    return _mm256_testz_si256(beyond, beyond) ? 0 : 1;
  }
  __m256i largest = _mm256_setzero_si256();
};

// Groups of 128 weights in 32 bytes; byte p has weights p, p + 32, p + 64, p + 96.
template <bool kHighFirst, int kGroups>
struct Planes {
  using PackCheck = Check<2>;
  using UnpackCheck = Check<2>;

  static void Pack(const int8_t* trits, uint8_t* codes, PackCheck& check) {
    for (int group = 0; group < kGroups; ++group, trits += 128, codes += 32) {
      __m256i packed = _mm256_setzero_si256();
      for (int i = 0; i < 4; ++i) {
        const __m256i c = LoadCodes(trits + 32 * (kHighFirst ? i : 3 - i));
        check.Add(c);
        packed = _mm256_or_si256(_mm256_slli_epi16(packed, 2), c);
      }
      Store(codes, packed);
    }
  }
  static void Unpack(const uint8_t* codes, int8_t* trits, UnpackCheck& check) {
    for (int group = 0; group < kGroups; ++group, trits += 128, codes += 32) {
      __m256i packed = Load(codes);
      for (int i = 0; i < 4; ++i, packed = _mm256_srli_epi16(packed, 2)) {
        const __m256i c = _mm256_and_si256(packed, _mm256_set1_epi8(3));
        check.Add(c);
        StoreTrits(trits + 32 * (kHighFirst ? 3 - i : i), c);
      }
    }
  }
};

// 64 weights in 16 bytes; byte p has weights p, p + 16, p + 32, p + 48: two of these per register, a lane each.
struct I2s64 {
  using PackCheck = Check<2>;
  using UnpackCheck = Check<2>;

  static void Pack(const int8_t* trits, uint8_t* codes, PackCheck& check) {
    const __m256i first = LoadCodes(trits), last = LoadCodes(trits + 32);
    check.Add(first);
    check.Add(last);
    const __m256i both = _mm256_or_si256(_mm256_sllv_epi32(first, _mm256_setr_epi32(6, 6, 6, 6, 4, 4, 4, 4)),
                                         _mm256_sllv_epi32(last, _mm256_setr_epi32(2, 2, 2, 2, 0, 0, 0, 0)));
    Store16(codes, _mm_or_si128(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1)));
  }
  static void Unpack(const uint8_t* codes, int8_t* trits, UnpackCheck& check) {
    const __m256i both = _mm256_broadcastsi128_si256(Load16(codes));
    const __m256i mask = _mm256_set1_epi8(3);
    const __m256i first = _mm256_and_si256(_mm256_srlv_epi32(both, _mm256_setr_epi32(6, 6, 6, 6, 4, 4, 4, 4)), mask);
    const __m256i last = _mm256_and_si256(_mm256_srlv_epi32(both, _mm256_setr_epi32(2, 2, 2, 2, 0, 0, 0, 0)), mask);
    check.Add(first);
    check.Add(last);
    StoreTrits(trits, first);
    StoreTrits(trits + 32, last);
  }
};

// Weight j in byte j / 4, bits 2 * (j % 4).
template <int kWeights>
struct Sequential {
  using PackCheck = Check<2>;
  using UnpackCheck = Check<2>;

  // 32 trits to eight 32-bit lanes with a byte of codes in each.
  static __m256i Gather(const int8_t* trits, PackCheck& check) {
    const __m256i c = LoadCodes(trits);
    check.Add(c);
    const __m256i pairs = _mm256_maddubs_epi16(c, _mm256_set1_epi16(0x0401));
    return _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00100001));
  }
  // The low bytes of `a`, then of `b`.
  static __m128i LowBytes(__m256i a, __m256i b) {
    const __m256i words = _mm256_packs_epi32(a, b);
    const __m256i bytes = _mm256_packus_epi16(words, words);
    return _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 0, 4, 1, 5)));
  }
  static void Pack(const int8_t* trits, uint8_t* codes, PackCheck& check) {
    if constexpr (kWeights == 32) {
      const __m256i all = Gather(trits, check);
      _mm_storel_epi64(reinterpret_cast<__m128i*>(codes), LowBytes(all, all));
    } else {
      for (int i = 0; i < kWeights; i += 64) {
        const __m256i first = Gather(trits + i, check), last = Gather(trits + i + 32, check);
        Store16(codes + i / 4, LowBytes(first, last));
      }
    }
  }
  static void Unpack(const uint8_t* codes, int8_t* trits, UnpackCheck& check) {
    for (int i = 0; i < kWeights; i += 32) {
      // A byte per 32-bit lane; its high nibble goes up two bytes, then the high pair of each nibble up one.
      __m256i x = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(codes + i / 4)));
      x = _mm256_and_si256(_mm256_or_si256(x, _mm256_slli_epi32(x, 12)), _mm256_set1_epi32(0x000f000f));
      x = _mm256_and_si256(_mm256_or_si256(x, _mm256_slli_epi32(x, 6)), _mm256_set1_epi8(3));
      check.Add(x);
      StoreTrits(trits + i, x);
    }
  }
};

struct Q1 {
  using PackCheck = Check<0>;
  using UnpackCheck = Check<0>;  // every bit is legal

  static void Pack(const int8_t* trits, uint8_t* codes, PackCheck& check) {
    for (int i = 0; i < 128; i += 32) {
      const __m256i t = Load(trits + i);
      check.Add(_mm256_xor_si256(_mm256_abs_epi8(t), _mm256_set1_epi8(1)));
      const uint32_t plus = ~static_cast<uint32_t>(_mm256_movemask_epi8(t));
      __builtin_memcpy(codes + i / 8, &plus, sizeof(plus));
    }
  }
  static void Unpack(const uint8_t* codes, int8_t* trits, UnpackCheck& check) {
    const __m256i byte_of = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit_of = _mm256_set1_epi64x(static_cast<int64_t>(0x8040201008040201));
    for (int i = 0; i < 128; i += 32) {
      int32_t word;
      __builtin_memcpy(&word, codes + i / 8, sizeof(word));
      const __m256i bits = _mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32(word), byte_of), bit_of);
      const __m256i minus = _mm256_cmpeq_epi8(bits, _mm256_setzero_si256());
      Store(trits + i, _mm256_or_si256(minus, _mm256_set1_epi8(1)));
    }
  }
};

struct Tq1 {
  using PackCheck = Check<2>;
  using UnpackCheck = Check<kTq1MostRest>;

  static __m256i Times3(__m256i q) { return _mm256_add_epi8(q, _mm256_add_epi8(q, q)); }
  static __m128i Times3(__m128i q) { return _mm_add_epi8(q, _mm_add_epi8(q, q)); }

  // v / 243 in units of 1 / 256, rounded up; v <= 242 in each byte.
  static __m256i Fraction(__m256i v) {
    const __m256i zero = _mm256_setzero_si256();
    return _mm256_packus_epi16(Divide(_mm256_unpacklo_epi8(zero, v)), Divide(_mm256_unpackhi_epi8(zero, v)));
  }
  static __m256i Divide(__m256i v256) {
    const __m256i up = _mm256_add_epi16(v256, _mm256_set1_epi16(242));
    const __m256i by = _mm256_set1_epi16(static_cast<int16_t>(kTq1Multiplier));
    return _mm256_srli_epi16(_mm256_mulhi_epu16(up, by), kTq1Shift);
  }
  static __m128i Fraction(__m128i v) { return _mm256_castsi256_si128(Fraction(_mm256_zextsi128_si256(v))); }

  static void Pack(const int8_t* trits, uint8_t* codes, PackCheck& check) {
    __m256i v = _mm256_setzero_si256();
    for (int n = 0; n < 5; ++n) {
      const __m256i c = LoadCodes(trits + 32 * n);
      check.Add(c);
      v = _mm256_add_epi8(Times3(v), c);
    }
    Store(codes, Fraction(v));
    __m128i w = _mm_setzero_si128();
    for (int n = 0; n < 5; ++n) {
      const __m128i c = LoadCodes16(trits + 160 + 16 * n);
      check.Add16(c);
      w = _mm_add_epi8(Times3(w), c);
    }
    Store16(codes + 32, Fraction(w));
    const __m128i c = LoadCodes16(trits + 240);
    check.Add16(c);
    w = _mm_add_epi8(Times3(c), _mm_srli_si128(c, 4));
    w = _mm_add_epi8(Times3(w), _mm_srli_si128(c, 8));
    w = _mm_add_epi8(Times3(w), _mm_srli_si128(c, 12));
    const int four = _mm_cvtsi128_si32(Fraction(Times3(w)));
    __builtin_memcpy(codes + 48, &four, sizeof(four));
  }

  static __m256i Trits(__m256i q) {
    const __m256i zero = _mm256_cmpeq_epi8(_mm256_max_epu8(q, _mm256_set1_epi8(kTq1Zero)), q);
    const __m256i plus = _mm256_cmpeq_epi8(_mm256_max_epu8(q, _mm256_set1_epi8(static_cast<char>(kTq1Plus))), q);
    return _mm256_sub_epi8(_mm256_sub_epi8(_mm256_set1_epi8(-1), zero), plus);
  }
  static __m128i Trits(__m128i q) { return _mm256_castsi256_si128(Trits(_mm256_zextsi128_si256(q))); }

  static void Unpack(const uint8_t* codes, int8_t* trits, UnpackCheck& check) {
    __m256i q = Load(codes);
    for (int n = 0; n < 5; ++n, q = Times3(q)) Store(trits + 32 * n, Trits(q));
    check.Add(q);
    __m128i r = Load16(codes + 32);
    for (int n = 0; n < 5; ++n, r = Times3(r)) Store16(trits + 160 + 16 * n, Trits(r));
    check.Add16(r);
    int four;
    __builtin_memcpy(&four, codes + 48, sizeof(four));
    const __m128i q0 = _mm_cvtsi32_si128(four), q1 = Times3(q0), q2 = Times3(q1), q3 = Times3(q2);
    Store16(trits + 240, Trits(_mm_unpacklo_epi64(_mm_unpacklo_epi32(q0, q1), _mm_unpacklo_epi32(q2, q3))));
    check.Add16(_mm_adds_epu8(Times3(q3), _mm_set1_epi8(static_cast<char>(kTq1MostRest - kTq1MostRestOfFour))));
  }
};

}  // namespace

const BlockKernels kBlockKernelsAvx2[kBlockLayouts] = {
    KernelsOf<BlockLayout::kI2s, Planes<true, 1>>(),
    KernelsOf<BlockLayout::kI2s64, I2s64>(),
    KernelsOf<BlockLayout::kTq1_0, Tq1>(),
    KernelsOf<BlockLayout::kTq2_0, Planes<false, 2>>(),
    KernelsOf<BlockLayout::kQ2_0, Sequential<64>>(),
    KernelsOf<BlockLayout::kQ1_0, Q1>(),
    KernelsOf<BlockLayout::kI2s32, Sequential<32>>(),
    KernelsOf<BlockLayout::kQk256, Sequential<256>>(),
};

}  // namespace bitnet
