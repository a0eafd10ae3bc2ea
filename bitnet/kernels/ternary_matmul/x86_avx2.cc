// AVX2: vpmaddubsw multiplies 32 codes (unsigned) with 32 activations and adds pairs to 16 bits.
//
// A pair is at most 2 * 2 * 128 = 512 in magnitude, and 508 when positive, since only -128 reaches 128. So 64 pairs
// fit a 16-bit lane: 64 * 508 = 32512 and 64 * -512 = -32768. They are then widened by vpmaddwd. A row of
// K <= kMaxTernaryK = 2^19 stays within 2^27 altogether.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/ternary_matmul/ternary_matmul_kernels.h"
#include "bitnet/kernels/ternary_matmul/x86_256bit.h"
#include "bitnet/kernels/ternary_matmul/x86_256bit_few.h"

namespace bitnet {
namespace {

typedef int16_t Sums16 __attribute__((vector_size(32)));

struct Pairs {
  using Sums = Sums16;
  static constexpr int64_t kGemmChunk = 256;  // a pair for every four columns: 64
  static constexpr int64_t kRowChunk = 2048;  // a pair for every 32 columns: 64
  static constexpr int kTileTokens = 4;       // 8 sums, 2 weights, activation, product, mask

  static Sums32 Widen(Sums v) {
    return reinterpret_cast<Sums32>(_mm256_madd_epi16(reinterpret_cast<__m256i>(v), _mm256_set1_epi16(1)));
  }

  // The empty statement makes the addition happen here: gcc would put all of them off to the end of the block and spill
  // the products until then.
  static void Add(Sums& sums, __m256i codes, __m256i q) {
    sums += reinterpret_cast<Sums>(_mm256_maddubs_epi16(codes, q));
    asm("" : "+x"(sums));
  }
};

// Rows that a gemv reads in lockstep, far apart: each is a sequential stream of its own, and memory serves several
// streams of one core faster than one. Four at a time have their sums in 8 of the 16 registers; the two groups take
// turns at every chunk.
constexpr int kStreams = 8;
constexpr int kGroup = 4;
// Packed bytes of a row between two widenings: half of the sums hold 4 times the codes, two pairs a block,
// 8 * 2 * 4 = 64. Widened are 32 of them, within 16384.
constexpr int64_t kGemvChunkBytes = 8 * kBlockBytes;
constexpr int64_t kPrefetchBytes = 1024;

inline int32_t Sum(Sums32 sums) {
  const __m256i v = reinterpret_cast<__m256i>(sums);
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
  return _mm_cvtsi128_si32(s);
}

// Adds the chunk [chunk, end) of packed bytes of kRows <= kGroup rows.
template <int kRows>
inline void AddChunk(const I2sProduct& p, const uint8_t* const* w, int64_t chunk, int64_t end, Sums32* total) {
  const __m256i once = _mm256_set1_epi8(0x03);
  const __m256i four = _mm256_set1_epi8(0x0C);
  Sums16 ones[kRows], fours[kRows];
  UNROLL
  for (int i = 0; i < kRows; ++i) ones[i] = fours[i] = Sums16{};
  for (int64_t at = chunk; at < end; at += kBlockBytes) {
    const int8_t* q = p.q + at * 4;
    if (at % kLine == 0) {
      UNROLL
      for (int i = 0; i < kRows; ++i) PrefetchAt(w[i] + at, kPrefetchBytes);
    }
    UNROLL
    for (int i = 0; i < kRows; ++i) {
      const __m256i x = Load(w[i] + at);
      const __m256i y = _mm256_srli_epi16(x, 4);
      Pairs::Add(ones[i], _mm256_and_si256(x, once), Load(q + 96));
      Pairs::Add(fours[i], _mm256_and_si256(x, four), Load(q + 64));
      Pairs::Add(ones[i], _mm256_and_si256(y, once), Load(q + 32));
      Pairs::Add(fours[i], _mm256_and_si256(y, four), Load(q));
    }
  }
  UNROLL
  for (int i = 0; i < kRows; ++i) total[i] += Pairs::Widen(ones[i] + (fours[i] >> 2));
}

// Feature feature + i * apart for i < kRows.
template <int kRows>
inline void GemvRows(const I2sProduct& p, int64_t feature, int64_t apart, float scale) {
  constexpr int kTogether = kRows < kGroup ? kRows : kGroup;
  const int64_t row_bytes = p.k / 4;
  const uint8_t* w[kRows];
  Sums32 total[kRows];
  for (int i = 0; i < kRows; ++i) {
    w[i] = p.packed + (feature + i * apart) * row_bytes;
    total[i] = Sums32{};
  }
  for (int64_t chunk = 0; chunk < row_bytes; chunk += kGemvChunkBytes) {
    const int64_t end = Min(chunk + kGemvChunkBytes, row_bytes);
    UNROLL
    for (int i = 0; i < kRows; i += kTogether) AddChunk<kTogether>(p, w + i, chunk, end, total + i);
  }
  for (int i = 0; i < kRows; ++i) {
    p.y[feature + i * apart] = static_cast<float>(Sum(total[i]) - p.act_sum[0]) * scale;
  }
}

}  // namespace

void I2sGemvAvx2(const I2sProduct& p, int64_t begin, int64_t end) {
  const float scale = p.weight_scale / p.act_scale[0];
  const int64_t apart = (end - begin) / kStreams;
  for (int64_t i = 0; i < apart; ++i) GemvRows<kStreams>(p, begin + i, apart, scale);
  for (int64_t f = begin + apart * kStreams; f < end; ++f) GemvRows<1>(p, f, 0, scale);
}

void I2sGemmAvx2(const I2sProduct& p, int64_t begin, int64_t end) { GemmOf<Pairs>(p, begin, end); }

}  // namespace bitnet
