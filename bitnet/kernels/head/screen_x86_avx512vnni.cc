// Head screening with AVX-512 VNNI: a lane of a sum is a table row, so nothing is added across lanes. A worker's panels
// are cut into runs that advance in lockstep, each a sequential stream of its own, prefetched ahead. Up to four tokens
// share what is read: two products a token for 64 codes are no more than memory takes to deliver them.
//
// vpdpbusd adds four products of an unsigned byte <= 127 and a signed one, at most 2^16 in magnitude; the dispatcher
// admits dim <= 2^16, 2^14 of them: 2^30. No saturating form is used.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/head/screen_kernels.h"
#include "bitnet/kernels/int8_dot_avx512vnni.h"
#include "bitnet/kernels/prefetch_x86.h"

namespace bitnet {
namespace {

// Runs for as many tokens at a time: two sums for each are 16 to 24 of 32 registers.
constexpr int kMostTokens = 4;
constexpr int kRuns[kMostTokens + 1] = {0, 8, 6, 4, 3};
constexpr int64_t kPrefetchAhead = 1024;

// Bounds of the eight rows from `row` on.
inline void Finish(const ScreenTable& table, const ScreenToken& token, int64_t row, __m256i high, __m256i low) {
  const __m256i sum = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(table.code_sum + row));
  const __m512d centred = _mm512_cvtepi32_pd(_mm256_sub_epi32(high, _mm256_slli_epi32(sum, 6)));
  const __m512d dot = _mm512_add_pd(_mm512_mul_pd(centred, _mm512_set1_pd(128)), _mm512_cvtepi32_pd(low));
  const auto load = [row](const float* values) { return _mm512_cvtps_pd(_mm256_loadu_ps(values + row)); };
  const __m512d approximate = _mm512_mul_pd(dot, _mm512_mul_pd(_mm512_set1_pd(token.step), load(table.scale)));
  const __m512d error = _mm512_add_pd(_mm512_mul_pd(_mm512_set1_pd(token.rest_factor), load(table.rest)),
                                      _mm512_mul_pd(_mm512_set1_pd(token.norm_factor), load(table.norm)));
  const __m512d slack =
      _mm512_add_pd(_mm512_mul_pd(_mm512_add_pd(_mm512_abs_pd(approximate), error), _mm512_set1_pd(kScreenSlack)),
                    _mm512_set1_pd(kScreenTiny));
  const __m512d bound = _mm512_add_pd(error, slack);
  _mm256_storeu_ps(token.lower + row, _mm512_cvtpd_ps(_mm512_sub_pd(approximate, bound)));
  _mm256_storeu_ps(token.upper + row, _mm512_cvtpd_ps(_mm512_add_pd(approximate, bound)));
}

// What a pass over panels asks for ahead of its column c: the line at start + c * per_column of each.
struct Ahead {
  int64_t start;
  int64_t per_column;
  bool next_panels;  // into the second-level cache
};

// Group `group` of tokens that pass over the same panels. One alone prefetches what it will read next itself. Of
// several, all but the first read from the second-level cache, while memory would be idle: each asks for its part of
// the panels after these.
inline Ahead AheadOf(int64_t group, int64_t groups, int64_t panel_bytes) {
  if (groups == 1) return {kPrefetchAhead, kScreenPanelRows, false};
  return {panel_bytes + group * panel_bytes / groups, (kScreenPanelRows + groups - 1) / groups, true};
}

// Panels panel + i * apart for i < kCount, of the first kTokens of `tokens`.
template <int kCount, int kTokens>
void Panels(const ScreenTable& table, const ScreenToken* tokens, const Ahead& ahead, int64_t panel, int64_t apart) {
  const int64_t dim = table.dim;
  const int8_t* codes[kCount];
  const uint8_t *x_high[kTokens], *x_low[kTokens];
  Sums high[kCount][kTokens], low[kCount][kTokens];
  UNROLL
  for (int t = 0; t < kTokens; ++t) {
    x_high[t] = tokens[t].high;
    x_low[t] = tokens[t].low;
  }
  UNROLL
  for (int i = 0; i < kCount; ++i) {
    codes[i] = table.codes + (panel + i * apart) * dim * kScreenPanelRows;
    UNROLL
    for (int t = 0; t < kTokens; ++t) high[i][t] = low[i][t] = Sums{};
  }
  for (int64_t c = 0; c < dim; c += 4) {
    __m512i code[kCount];
    UNROLL
    for (int i = 0; i < kCount; ++i) {
      const int8_t* at = codes[i] + c * kScreenPanelRows;
      if (ahead.next_panels) {
        PrefetchFar(codes[i], ahead.start + c * ahead.per_column);
      } else {
        PrefetchAt(at, ahead.start);
      }
      code[i] = _mm512_loadu_si512(at);
    }
    UNROLL
    for (int t = 0; t < kTokens; ++t) {
      const __m512i four_high = BroadcastFour(x_high[t] + c);
      const __m512i four_low = BroadcastFour(x_low[t] + c);
      UNROLL
      for (int i = 0; i < kCount; ++i) {
        AddProducts(high[i][t], four_high, code[i]);
        AddProducts(low[i][t], four_low, code[i]);
      }
    }
  }
  UNROLL
  for (int i = 0; i < kCount; ++i) {
    const int64_t row = (panel + i * apart) * kScreenPanelRows;
    UNROLL
    for (int t = 0; t < kTokens; ++t) {
      const __m512i h = reinterpret_cast<__m512i>(high[i][t]);
      const __m512i l = reinterpret_cast<__m512i>(low[i][t]);
      Finish(table, tokens[t], row, _mm512_castsi512_si256(h), _mm512_castsi512_si256(l));
      Finish(table, tokens[t], row + 8, _mm512_extracti64x4_epi64(h, 1), _mm512_extracti64x4_epi64(l, 1));
    }
  }
}

// The same of 1 to kMostTokens tokens.
template <int kCount>
inline void PanelsOf(const ScreenTable& table, const ScreenToken* tokens, int64_t count, const Ahead& ahead,
                     int64_t panel, int64_t apart) {
  switch (count) {
    case 1:
      return Panels<kCount, 1>(table, tokens, ahead, panel, apart);
    case 2:
      return Panels<kCount, 2>(table, tokens, ahead, panel, apart);
    case 3:
      return Panels<kCount, 3>(table, tokens, ahead, panel, apart);
    case 4:
      return Panels<kCount, 4>(table, tokens, ahead, panel, apart);
  }
}

// All tokens, in groups of nearly the same size, of which none has more than kTokens. What one group read of the table
// is in the second-level cache for the next.
template <int kTokens>
void AllPanels(const ScreenArgs& args, int64_t begin, int64_t end) {
  constexpr int kCount = kRuns[kTokens];
  const int64_t groups = (args.rows + kTokens - 1) / kTokens;
  const int64_t run = (end - begin) / kCount;
  for (int64_t i = 0; i < run; ++i) {
    for (int64_t group = 0; group < groups; ++group) {
      const int64_t first = args.rows * group / groups;
      const int64_t count = args.rows * (group + 1) / groups - first;
      const Ahead ahead = AheadOf(group, groups, args.table.dim * kScreenPanelRows);
      PanelsOf<kCount>(args.table, args.tokens + first, count, ahead, begin + i, run);
    }
  }
  for (int64_t panel = begin + kCount * run; panel < end; ++panel) {
    for (int64_t t = 0; t < args.rows; ++t) Panels<1, 1>(args.table, args.tokens + t, AheadOf(0, 1, 0), panel, 0);
  }
}

}  // namespace

void HeadI8Avx512Vnni(const ScreenArgs& args, int64_t begin, int64_t end) {
  switch (args.rows) {
    case 1:
      return AllPanels<1>(args, begin, end);
    case 2:
      return AllPanels<2>(args, begin, end);
    case 3:
    case 6:
      return AllPanels<3>(args, begin, end);
    default:
      return AllPanels<4>(args, begin, end);
  }
}

}  // namespace bitnet
