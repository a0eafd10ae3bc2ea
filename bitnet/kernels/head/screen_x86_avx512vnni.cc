// Head screening with AVX-512 VNNI: a lane of a sum is a table row, so nothing is added across lanes. A worker's panels
// are cut into eight runs that advance in lockstep, each a sequential stream of its own, prefetched ahead.
//
// vpdpbusd adds four products of an unsigned byte <= 127 and a signed one, at most 2^16 in magnitude; the dispatcher
// admits dim <= 2^16, 2^14 of them: 2^30. No saturating form is used.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/head/screen_kernels.h"

namespace bitnet {
namespace {

constexpr int kRuns = 8;
constexpr int64_t kPrefetchAhead = 1024;

typedef int32_t Sums __attribute__((vector_size(64)));
#define UNROLL _Pragma("GCC unroll 8")

inline void AddProducts(Sums& sums, __m512i x, __m512i codes) {
  sums = reinterpret_cast<Sums>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sums), x, codes));
}

inline __m512i BroadcastFour(const uint8_t* x) {
  int32_t four;
  __builtin_memcpy(&four, x, sizeof(four));
  return _mm512_set1_epi32(four);
}

// May point past the table: a prefetch never faults, and a pointer past the end may not be formed.
inline void Prefetch(const int8_t* at) {
  _mm_prefetch(reinterpret_cast<const char*>(reinterpret_cast<uintptr_t>(at) + kPrefetchAhead), _MM_HINT_T0);
}

// Bounds of the eight rows from `row` on.
inline void Finish(const ScreenArgs& args, int64_t row, __m256i high, __m256i low) {
  const ScreenTable& table = args.table;
  const __m256i sum = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(table.code_sum + row));
  const __m512d centred = _mm512_cvtepi32_pd(_mm256_sub_epi32(high, _mm256_slli_epi32(sum, 6)));
  const __m512d dot = _mm512_add_pd(_mm512_mul_pd(centred, _mm512_set1_pd(128)), _mm512_cvtepi32_pd(low));
  const auto load = [row](const float* values) { return _mm512_cvtps_pd(_mm256_loadu_ps(values + row)); };
  const __m512d approximate = _mm512_mul_pd(dot, _mm512_mul_pd(_mm512_set1_pd(args.step), load(table.scale)));
  const __m512d error = _mm512_add_pd(_mm512_mul_pd(_mm512_set1_pd(args.rest_factor), load(table.rest)),
                                      _mm512_mul_pd(_mm512_set1_pd(args.norm_factor), load(table.norm)));
  const __m512d slack =
      _mm512_add_pd(_mm512_mul_pd(_mm512_add_pd(_mm512_abs_pd(approximate), error), _mm512_set1_pd(kScreenSlack)),
                    _mm512_set1_pd(kScreenTiny));
  const __m512d bound = _mm512_add_pd(error, slack);
  _mm256_storeu_ps(args.lower + row, _mm512_cvtpd_ps(_mm512_sub_pd(approximate, bound)));
  _mm256_storeu_ps(args.upper + row, _mm512_cvtpd_ps(_mm512_add_pd(approximate, bound)));
}

// Panels panel + i * apart for i < kCount.
template <int kCount>
void Panels(const ScreenArgs& args, int64_t panel, int64_t apart) {
  const int64_t dim = args.table.dim;
  const int8_t* codes[kCount];
  Sums high[kCount], low[kCount];
  UNROLL
  for (int i = 0; i < kCount; ++i) {
    codes[i] = args.table.codes + (panel + i * apart) * dim * kScreenPanelRows;
    high[i] = low[i] = Sums{};
  }
  for (int64_t c = 0; c < dim; c += 4) {
    const __m512i x_high = BroadcastFour(args.high + c);
    const __m512i x_low = BroadcastFour(args.low + c);
    UNROLL
    for (int i = 0; i < kCount; ++i) {
      const int8_t* at = codes[i] + c * kScreenPanelRows;
      Prefetch(at);
      const __m512i code = _mm512_loadu_si512(at);
      AddProducts(high[i], x_high, code);
      AddProducts(low[i], x_low, code);
    }
  }
  UNROLL
  for (int i = 0; i < kCount; ++i) {
    const int64_t row = (panel + i * apart) * kScreenPanelRows;
    const __m512i h = reinterpret_cast<__m512i>(high[i]);
    const __m512i l = reinterpret_cast<__m512i>(low[i]);
    Finish(args, row, _mm512_castsi512_si256(h), _mm512_castsi512_si256(l));
    Finish(args, row + 8, _mm512_extracti64x4_epi64(h, 1), _mm512_extracti64x4_epi64(l, 1));
  }
}

}  // namespace

void HeadI8Avx512Vnni(const ScreenArgs& args, int64_t begin, int64_t end) {
  const int64_t run = (end - begin) / kRuns;
  for (int64_t i = 0; i < run; ++i) Panels<kRuns>(args, begin + i, run);
  for (int64_t panel = begin + kRuns * run; panel < end; ++panel) Panels<1>(args, panel, 0);
}

}  // namespace bitnet
