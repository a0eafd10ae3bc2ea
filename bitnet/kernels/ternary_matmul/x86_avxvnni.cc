// AVX-VNNI, for CPUs without AVX-512: vpdpbusd multiplies 32 codes (unsigned) with 32 activations and adds four
// products to each lane of 32 bits.
//
// Four products are at most 4 * 2 * 128 = 2^10 in magnitude; a row of K <= kMaxTernaryK = 2^19 gives a lane
// K / 4 = 2^17 of them: 2^27. No saturating form is used. One token waits for memory, not for products: its kernel is
// that of AVX2.

#include <immintrin.h>

#include <cstdint>

#include "bitnet/kernels/ternary_matmul/ternary_matmul_kernels.h"
#include "bitnet/kernels/ternary_matmul/x86_256bit.h"
#include "bitnet/kernels/ternary_matmul/x86_256bit_few.h"

namespace bitnet {
namespace {

struct Quads {
  using Sums = Sums32;
  static constexpr int64_t kGemmChunk = kPanelColumns;    // nothing to widen
  static constexpr int64_t kRowChunk = int64_t{1} << 19;  // nor in the longest row
  static constexpr int kTileTokens = 6;                   // 12 sums, 2 weights, activation

  static Sums32 Widen(Sums v) { return v; }

  static void Add(Sums& sums, __m256i codes, __m256i q) {
    sums = reinterpret_cast<Sums>(_mm256_dpbusd_avx_epi32(reinterpret_cast<__m256i>(sums), codes, q));
  }
};

}  // namespace

void I2sGemmAvxVnni(const I2sProduct& p, int64_t begin, int64_t end) { GemmOf<Quads>(p, begin, end); }

}  // namespace bitnet
