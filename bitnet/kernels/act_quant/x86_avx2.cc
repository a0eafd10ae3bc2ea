// AVX2: 32 activations per step.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/act_quant/act_quant_kernels.h"

namespace bitnet {
namespace {

constexpr int64_t kStep = 32;

// Integer maximum of the bits without sign: keeps NaN (scalar.cc).
inline __m256i MaxBits(__m256i max, const float* x) {
  const __m256i bits = _mm256_castps_si256(_mm256_loadu_ps(x));
  return _mm256_max_epi32(max, _mm256_and_si256(bits, _mm256_set1_epi32(0x7fffffff)));
}

inline __m256i Quantize(const float* x, __m256 scale) {
  // Rounds to nearest even; NaN and what int32 cannot hold become INT32_MIN.
  return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x), scale));
}

float Absmax(const float* x, int64_t n) {
  __m256i m[4] = {};
  int64_t i = 0;
  for (; i + kStep <= n; i += kStep) {
    for (int j = 0; j < 4; ++j) m[j] = MaxBits(m[j], x + i + 8 * j);
  }
  for (; i + 8 <= n; i += 8) m[0] = MaxBits(m[0], x + i);
  const __m256i all = _mm256_max_epi32(_mm256_max_epi32(m[0], m[1]), _mm256_max_epi32(m[2], m[3]));
  __m128i v = _mm_max_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
  for (; i < n; ++i) {
    v = _mm_max_epi32(v, _mm_and_si128(_mm_castps_si128(_mm_load_ss(x + i)), _mm_set1_epi32(0x7fffffff)));
  }
  v = _mm_max_epi32(v, _mm_shuffle_epi32(v, 0x4e));
  v = _mm_max_epi32(v, _mm_shuffle_epi32(v, 0xb1));
  return _mm_cvtss_f32(_mm_castsi128_ps(v));
}

int32_t QuantizeRow(const float* x, int64_t n, float scale, int8_t* q) {
  const __m256 s = _mm256_set1_ps(scale);
  __m256i sums = _mm256_setzero_si256();
  int64_t i = 0;
  for (; i + kStep <= n; i += kStep) {
    // The packs saturate, which is the clamp, and interleave 128-bit lanes, which the permutation undoes.
    const __m256i ab = _mm256_packs_epi32(Quantize(x + i, s), Quantize(x + i + 8, s));
    const __m256i cd = _mm256_packs_epi32(Quantize(x + i + 16, s), Quantize(x + i + 24, s));
    const __m256i bytes =
        _mm256_permutevar8x32_epi32(_mm256_packs_epi16(ab, cd), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(q + i), bytes);
    // Four neighbours per 32-bit sum; |pair| <= 256 fits the 16 bits in between.
    sums = _mm256_add_epi32(sums,
                            _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_set1_epi8(1), bytes), _mm256_set1_epi16(1)));
  }
  __m128i v = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  v = _mm_add_epi32(v, _mm_shuffle_epi32(v, 0x4e));
  v = _mm_add_epi32(v, _mm_shuffle_epi32(v, 0xb1));
  int32_t sum = _mm_cvtsi128_si32(v);
  for (; i < n; ++i) {
    int32_t code = _mm_cvtss_si32(_mm_mul_ss(_mm_load_ss(x + i), _mm_set_ss(scale)));
    code = code < -128 ? -128 : code;
    code = code > 127 ? 127 : code;
    q[i] = static_cast<int8_t>(code);
    sum += code;
  }
  return sum;
}

}  // namespace

void ActQuantI8Avx2(const ActQuantArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    const float* x = args.x + row * args.dim;
    const float absmax = Absmax(x, args.dim);
    const float scale = 127.0f / (absmax < kMinAbsmax ? kMinAbsmax : absmax);
    args.scale[row] = scale;
    args.sum[row] = QuantizeRow(x, args.dim, scale, args.q + row * args.dim);
  }
}

}  // namespace bitnet
