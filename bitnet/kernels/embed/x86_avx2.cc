#include <immintrin.h>

#include "bitnet/kernels/embed/embed_kernels.h"

namespace bitnet {

void EmbedF16Avx2(const EmbeddingLookupArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    const F16* from = args.table + args.ids[row] * args.dim;
    float* to = args.out + row * args.dim;
    int64_t i = 0;
    for (; i + 8 <= args.dim; i += 8) {
      _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i))));
    }
    for (; i < args.dim; ++i) _mm_store_ss(to + i, _mm_cvtph_ps(_mm_cvtsi32_si128(from[i])));
  }
}

}  // namespace bitnet
