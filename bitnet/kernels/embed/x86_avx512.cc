#include <immintrin.h>

#include "bitnet/kernels/embed/embed_kernels.h"

namespace bitnet {

void EmbedF16Avx512(const EmbeddingLookupArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    const F16* from = args.table + args.ids[row] * args.dim;
    float* to = args.out + row * args.dim;
    int64_t i = 0;
    for (; i + 16 <= args.dim; i += 16) {
      _mm512_storeu_ps(to + i, _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i))));
    }
    if (i < args.dim) {
      const __mmask16 mask = static_cast<__mmask16>((1u << (args.dim - i)) - 1);
      _mm512_mask_storeu_ps(to + i, mask, _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, from + i)));
    }
  }
}

}  // namespace bitnet
