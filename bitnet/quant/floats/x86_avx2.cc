// AVX2: 8 floats per register, tails by element.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/quant/floats/float_kernels.h"

namespace bitnet {
namespace {

constexpr int64_t kWidth = 8;
constexpr uint32_t kMagnitude = 0x7fffffff;

inline uint32_t MagnitudeOf(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof(bits));
  return bits & kMagnitude;
}

inline __m256i Magnitude(__m256 x) { return _mm256_and_si256(_mm256_castps_si256(x), _mm256_set1_epi32(kMagnitude)); }

// Lane l of the 32 is lane l % 4 of sums[l / 4].
struct StatsState {
  __m256d sums[8];
  __m256i max;  // without the sign bit, signed comparison is unsigned comparison
};

inline void AddStats(StatsState& state, const float* x) {
  for (int j = 0; j < 4; ++j) {
    const __m256i bits = Magnitude(_mm256_loadu_ps(x + kWidth * j));
    state.max = _mm256_max_epi32(state.max, bits);
    const __m256 v = _mm256_castsi256_ps(bits);
    state.sums[2 * j] = _mm256_add_pd(state.sums[2 * j], _mm256_cvtps_pd(_mm256_castps256_ps128(v)));
    state.sums[2 * j + 1] = _mm256_add_pd(state.sums[2 * j + 1], _mm256_cvtps_pd(_mm256_extractf128_ps(v, 1)));
  }
}

BlockStats Stats(const float* x, int64_t n) {
  StatsState state = {};
  int64_t i = 0;
  for (; i + kStatsLanes <= n; i += kStatsLanes) AddStats(state, x + i);
  if (i < n) {
    float rest[kStatsLanes] = {};  // +0 changes no sum that starts at +0
    for (int64_t j = 0; j < n - i; ++j) rest[j] = x[i + j];
    AddStats(state, rest);
  }
  const __m256d* s = state.sums;
  const __m256d even = _mm256_add_pd(_mm256_add_pd(s[0], s[4]), _mm256_add_pd(s[2], s[6]));  // lanes + 16, then + 8
  const __m256d odd = _mm256_add_pd(_mm256_add_pd(s[1], s[5]), _mm256_add_pd(s[3], s[7]));
  const __m256d by4 = _mm256_add_pd(even, odd);
  const __m128d by2 = _mm_add_pd(_mm256_castpd256_pd128(by4), _mm256_extractf128_pd(by4, 1));
  const __m128d sum = _mm_add_sd(by2, _mm_unpackhi_pd(by2, by2));
  __m128i max = _mm_max_epi32(_mm256_castsi256_si128(state.max), _mm256_extracti128_si256(state.max, 1));
  max = _mm_max_epi32(max, _mm_shuffle_epi32(max, 0x4e));
  max = _mm_max_epi32(max, _mm_shuffle_epi32(max, 0xb1));
  return {static_cast<uint32_t>(_mm_cvtsi128_si32(max)), _mm_cvtsd_f64(sum)};
}

int64_t FirstOther(const float* x, int64_t n, uint32_t magnitude) {
  const __m256i wanted = _mm256_set1_epi32(static_cast<int32_t>(magnitude));
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    const __m256i bits = Magnitude(_mm256_loadu_ps(x + i));
    const __m256i legal =
        _mm256_or_si256(_mm256_cmpeq_epi32(bits, wanted), _mm256_cmpeq_epi32(bits, _mm256_setzero_si256()));
    const int mask = _mm256_movemask_ps(_mm256_castsi256_ps(legal));
    if (mask != 0xff) return i + __builtin_ctz(~static_cast<uint32_t>(mask));
  }
  for (; i < n; ++i) {
    const uint32_t bits = MagnitudeOf(x[i]);
    if (bits != 0 && bits != magnitude) return i;
  }
  return n;
}

// -1, 0 or +1 in each 32-bit lane: a comparison that holds is -1.
inline __m256i TritsOf(const float* x, __m256 scale, __m256 minus_scale) {
  const __m256 v = _mm256_loadu_ps(x);
  const __m256 twice = _mm256_add_ps(v, v);
  return _mm256_sub_epi32(_mm256_castps_si256(_mm256_cmp_ps(twice, minus_scale, _CMP_LT_OQ)),
                          _mm256_castps_si256(_mm256_cmp_ps(twice, scale, _CMP_GT_OQ)));
}

void Quantize(const float* x, int64_t n, float scale, int8_t* trits) {
  const __m256 s = _mm256_set1_ps(scale), minus_s = _mm256_set1_ps(-scale);
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  int64_t i = 0;
  for (; i + 4 * kWidth <= n; i += 4 * kWidth) {
    // The packs interleave 128-bit lanes, which the permutation undoes; nothing is large enough to saturate.
    const __m256i ab = _mm256_packs_epi32(TritsOf(x + i, s, minus_s), TritsOf(x + i + kWidth, s, minus_s));
    const __m256i cd =
        _mm256_packs_epi32(TritsOf(x + i + 2 * kWidth, s, minus_s), TritsOf(x + i + 3 * kWidth, s, minus_s));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(trits + i),
                        _mm256_permutevar8x32_epi32(_mm256_packs_epi16(ab, cd), order));
  }
  for (; i < n; ++i) {
    const float twice = x[i] + x[i];
    trits[i] = static_cast<int8_t>((twice > scale) - (twice < -scale));
  }
}

void Dequantize(const int8_t* trits, int64_t n, float scale, float* x) {
  const __m256 s = _mm256_set1_ps(scale);
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(trits + i));
    _mm256_storeu_ps(x + i, _mm256_mul_ps(s, _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes))));
  }
  for (; i < n; ++i) x[i] = scale * static_cast<float>(trits[i]);
}

void FromBf16(const uint8_t* halves, int64_t n, float* x) {
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    const __m128i bits = _mm_loadu_si128(reinterpret_cast<const __m128i*>(halves + 2 * i));
    _mm256_storeu_ps(x + i, _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16)));
  }
  for (; i < n; ++i) {
    const uint32_t bits = static_cast<uint32_t>(halves[2 * i]) << 16 | static_cast<uint32_t>(halves[2 * i + 1]) << 24;
    __builtin_memcpy(x + i, &bits, sizeof(bits));
  }
}

void FromF16(const uint8_t* halves, int64_t n, float* x) {
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    _mm256_storeu_ps(x + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(halves + 2 * i))));
  }
  for (; i < n; ++i) {
    const int half = halves[2 * i] | halves[2 * i + 1] << 8;
    x[i] = _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(half)));
  }
}

// The eight lanes of a sum are two registers of four.
struct Sum {
  __m256d part[2];
};

inline Sum Load(const double* lanes) { return {{_mm256_loadu_pd(lanes), _mm256_loadu_pd(lanes + 4)}}; }

inline void Store(const Sum& sum, double* lanes) {
  _mm256_storeu_pd(lanes, sum.part[0]);
  _mm256_storeu_pd(lanes + 4, sum.part[1]);
}

inline void AddProduct(__m256d& sum, __m256d a, __m256d b) { sum = _mm256_add_pd(sum, _mm256_mul_pd(a, b)); }

void AddError(const float* original, const float* stored, int64_t n, ErrorLanes* lanes) {
  Sum signal = Load(lanes->signal), noise = Load(lanes->noise), kept = Load(lanes->stored), dot = Load(lanes->dot);
  __m256d max = _mm256_set1_pd(lanes->max_abs);
  uint64_t zeros = 0;
  for (int64_t i = 0; i < n; i += kErrorLanes) {
    for (int p = 0; p < 2; ++p) {
      const __m256d o = _mm256_cvtps_pd(_mm_loadu_ps(original + i + 4 * p));
      const __m256d d = _mm256_cvtps_pd(_mm_loadu_ps(stored + i + 4 * p));
      const __m256d difference = _mm256_sub_pd(o, d);
      AddProduct(signal.part[p], o, o);
      AddProduct(noise.part[p], difference, difference);
      AddProduct(kept.part[p], d, d);
      AddProduct(dot.part[p], o, d);
      max = _mm256_max_pd(max, _mm256_andnot_pd(_mm256_set1_pd(-0.0), difference));
      const int is_zero = _mm256_movemask_pd(_mm256_cmp_pd(d, _mm256_setzero_pd(), _CMP_EQ_OQ));
      zeros += static_cast<uint64_t>(__builtin_popcount(static_cast<uint32_t>(is_zero)));
    }
  }
  Store(signal, lanes->signal);
  Store(noise, lanes->noise);
  Store(kept, lanes->stored);
  Store(dot, lanes->dot);
  double maxima[4];
  _mm256_storeu_pd(maxima, max);
  for (const double m : maxima) lanes->max_abs = m > lanes->max_abs ? m : lanes->max_abs;
  lanes->zeros += zeros;
}

}  // namespace

const FloatKernels kFloatKernelsAvx2 = {Stats, FirstOther, Quantize, Dequantize, FromBf16, FromF16, AddError};

}  // namespace bitnet
