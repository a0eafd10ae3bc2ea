// AVX-512: 16 activations per register, tails by masks.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/act_quant/act_quant_kernels.h"

namespace bitnet {
namespace {

constexpr int64_t kWidth = 16;

// Lanes of the register that starts at element i of n.
inline __mmask16 Lanes(int64_t i, int64_t n) {
  return n - i >= kWidth ? 0xffff : static_cast<__mmask16>((1u << (n - i)) - 1);
}

// Integer maximum of the bits without sign: keeps NaN (scalar.cc).
inline __m512i MaxBits(__m512i max, __m512 x) {
  return _mm512_max_epi32(max, _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(0x7fffffff)));
}

float Absmax(const float* x, int64_t n) {
  __m512i m[4] = {};
  int64_t i = 0;
  for (; i + 4 * kWidth <= n; i += 4 * kWidth) {
    for (int j = 0; j < 4; ++j) m[j] = MaxBits(m[j], _mm512_loadu_ps(x + i + kWidth * j));
  }
  for (; i < n; i += kWidth) m[0] = MaxBits(m[0], _mm512_maskz_loadu_ps(Lanes(i, n), x + i));
  const __m512i all = _mm512_max_epi32(_mm512_max_epi32(m[0], m[1]), _mm512_max_epi32(m[2], m[3]));
  return _mm_cvtss_f32(_mm_castsi128_ps(_mm_cvtsi32_si128(_mm512_reduce_max_epi32(all))));
}

int32_t QuantizeRow(const float* x, int64_t n, float scale, int8_t* q) {
  const __m512 s = _mm512_set1_ps(scale);
  const __m512i low = _mm512_set1_epi32(-128);
  const __m512i high = _mm512_set1_epi32(127);
  __m512i sums = _mm512_setzero_si512();
  for (int64_t i = 0; i < n; i += kWidth) {
    const __mmask16 lanes = Lanes(i, n);
    // Rounds to nearest even; masked lanes are 0 and add nothing to the sum.
    const __m512i code = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, x + i), s));
    const __m512i clamped = _mm512_min_epi32(_mm512_max_epi32(code, low), high);
    sums = _mm512_add_epi32(sums, _mm512_maskz_mov_epi32(lanes, clamped));
    _mm_mask_storeu_epi8(q + i, lanes, _mm512_cvtepi32_epi8(clamped));
  }
  return _mm512_reduce_add_epi32(sums);
}

}  // namespace

void ActQuantI8Avx512(const ActQuantArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    const float* x = args.x + row * args.dim;
    const float absmax = Absmax(x, args.dim);
    const float scale = 127.0f / (absmax < kMinAbsmax ? kMinAbsmax : absmax);
    args.scale[row] = scale;
    args.sum[row] = QuantizeRow(x, args.dim, scale, args.q + row * args.dim);
  }
}

}  // namespace bitnet
