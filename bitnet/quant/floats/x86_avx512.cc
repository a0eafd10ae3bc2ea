// AVX-512: 16 floats per register, tails by masks.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/quant/floats/float_kernels.h"

namespace bitnet {
namespace {

constexpr int64_t kWidth = 16;

// Lanes of the register that starts at element i of n.
inline __mmask16 Lanes(int64_t i, int64_t n) {
  if (n - i >= kWidth) return 0xffff;
  return i >= n ? __mmask16{0} : static_cast<__mmask16>((1u << (n - i)) - 1);
}

inline __m512i Magnitude(__m512 x) { return _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(0x7fffffff)); }

// Lane l of the 32 is lane l % 8 of sums[l / 8].
struct StatsState {
  __m512d sums[4];
  __m512i max;
};

inline void AddStats(StatsState& state, int half, __m512 x) {
  const __m512i bits = Magnitude(x);
  state.max = _mm512_max_epu32(state.max, bits);
  const __m256 low = _mm256_castsi256_ps(_mm512_castsi512_si256(bits));
  const __m256 high = _mm256_castsi256_ps(_mm512_extracti64x4_epi64(bits, 1));
  state.sums[2 * half] = _mm512_add_pd(state.sums[2 * half], _mm512_cvtps_pd(low));
  state.sums[2 * half + 1] = _mm512_add_pd(state.sums[2 * half + 1], _mm512_cvtps_pd(high));
}

BlockStats Stats(const float* x, int64_t n) {
  StatsState state = {};
  int64_t i = 0;
  for (; i + 2 * kWidth <= n; i += 2 * kWidth) {
    AddStats(state, 0, _mm512_loadu_ps(x + i));
    AddStats(state, 1, _mm512_loadu_ps(x + i + kWidth));
  }
  // Missing elements are +0, which changes no sum that starts at +0.
  for (int half = 0; half < 2 && i < n; ++half, i += kWidth) {
    AddStats(state, half, _mm512_maskz_loadu_ps(Lanes(i, n), x + i));
  }
  const __m512d by8 = _mm512_add_pd(_mm512_add_pd(state.sums[0], state.sums[2]),   // lanes + 16
                                    _mm512_add_pd(state.sums[1], state.sums[3]));  // then + 8
  const __m256d by4 = _mm256_add_pd(_mm512_castpd512_pd256(by8), _mm512_extractf64x4_pd(by8, 1));
  const __m128d by2 = _mm_add_pd(_mm256_castpd256_pd128(by4), _mm256_extractf128_pd(by4, 1));
  const __m128d sum = _mm_add_sd(by2, _mm_unpackhi_pd(by2, by2));
  return {_mm512_reduce_max_epu32(state.max), _mm_cvtsd_f64(sum)};
}

int64_t FirstOther(const float* x, int64_t n, uint32_t magnitude) {
  const __m512i wanted = _mm512_set1_epi32(static_cast<int32_t>(magnitude));
  for (int64_t i = 0; i < n; i += kWidth) {
    const __m512i bits = Magnitude(_mm512_maskz_loadu_ps(Lanes(i, n), x + i));
    const __mmask16 other = _mm512_mask_cmpneq_epu32_mask(_mm512_test_epi32_mask(bits, bits), bits, wanted);
    if (other != 0) return i + __builtin_ctz(other);
  }
  return n;
}

struct Signs {
  uint64_t plus, minus;
};

inline Signs SignsOf(__m512 x, __m512 scale, __m512 minus_scale) {
  const __m512 twice = _mm512_add_ps(x, x);
  return {_mm512_cmp_ps_mask(twice, scale, _CMP_GT_OQ), _mm512_cmp_ps_mask(twice, minus_scale, _CMP_LT_OQ)};
}

void Quantize(const float* x, int64_t n, float scale, int8_t* trits) {
  const __m512 s = _mm512_set1_ps(scale), minus_s = _mm512_set1_ps(-scale);
  const __m512i one = _mm512_set1_epi8(1);
  for (int64_t i = 0; i < n; i += 4 * kWidth) {
    uint64_t plus = 0, minus = 0;
    const bool whole = n - i >= 4 * kWidth;
    for (int j = 0; j < 4 && i + kWidth * j < n; ++j) {
      const __m512 v = whole ? _mm512_loadu_ps(x + i + kWidth * j)
                             : _mm512_maskz_loadu_ps(Lanes(i + kWidth * j, n), x + i + kWidth * j);
      const Signs signs = SignsOf(v, s, minus_s);
      plus |= signs.plus << (kWidth * j);
      minus |= signs.minus << (kWidth * j);
    }
    const __m512i bytes = _mm512_or_si512(_mm512_maskz_mov_epi8(plus, one), _mm512_movm_epi8(minus));
    _mm512_mask_storeu_epi8(trits + i, whole ? ~uint64_t{0} : (uint64_t{1} << (n - i)) - 1, bytes);
  }
}

void Dequantize(const int8_t* trits, int64_t n, float scale, float* x) {
  const __m512 s = _mm512_set1_ps(scale);
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(trits + i));
    _mm512_storeu_ps(x + i, _mm512_mul_ps(s, _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes))));
  }
  const __mmask16 lanes = Lanes(i, n);
  const __m128i bytes = _mm_maskz_loadu_epi8(lanes, trits + i);
  _mm512_mask_storeu_ps(x + i, lanes, _mm512_mul_ps(s, _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes))));
}

void FromBf16(const uint8_t* halves, int64_t n, float* x) {
  for (int64_t i = 0; i < n; i += kWidth) {
    const __mmask16 lanes = Lanes(i, n);
    const __m256i bits = _mm256_maskz_loadu_epi16(lanes, halves + 2 * i);
    _mm512_mask_storeu_epi32(x + i, lanes, _mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
  }
}

void FromF16(const uint8_t* halves, int64_t n, float* x) {
  for (int64_t i = 0; i < n; i += kWidth) {
    const __mmask16 lanes = Lanes(i, n);
    _mm512_mask_storeu_ps(x + i, lanes, _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(lanes, halves + 2 * i)));
  }
}

void AddError(const float* original, const float* stored, int64_t n, ErrorLanes* lanes) {
  __m512d signal = _mm512_loadu_pd(lanes->signal), noise = _mm512_loadu_pd(lanes->noise);
  __m512d kept = _mm512_loadu_pd(lanes->stored), dot = _mm512_loadu_pd(lanes->dot);
  __m512d max = _mm512_set1_pd(lanes->max_abs);
  uint64_t zeros = 0;
  for (int64_t i = 0; i < n; i += kErrorLanes) {
    const __m512d o = _mm512_cvtps_pd(_mm256_loadu_ps(original + i)), d = _mm512_cvtps_pd(_mm256_loadu_ps(stored + i));
    const __m512d difference = _mm512_sub_pd(o, d);
    signal = _mm512_add_pd(signal, _mm512_mul_pd(o, o));
    noise = _mm512_add_pd(noise, _mm512_mul_pd(difference, difference));
    kept = _mm512_add_pd(kept, _mm512_mul_pd(d, d));
    dot = _mm512_add_pd(dot, _mm512_mul_pd(o, d));
    max = _mm512_max_pd(max, _mm512_abs_pd(difference));
    zeros += static_cast<uint64_t>(__builtin_popcount(_mm512_cmp_pd_mask(d, _mm512_setzero_pd(), _CMP_EQ_OQ)));
  }
  _mm512_storeu_pd(lanes->signal, signal);
  _mm512_storeu_pd(lanes->noise, noise);
  _mm512_storeu_pd(lanes->stored, kept);
  _mm512_storeu_pd(lanes->dot, dot);
  lanes->max_abs = _mm512_reduce_max_pd(max);
  lanes->zeros += zeros;
}

}  // namespace

const FloatKernels kFloatKernelsAvx512 = {Stats, FirstOther, Quantize, Dequantize, FromBf16, FromF16, AddError};

}  // namespace bitnet
