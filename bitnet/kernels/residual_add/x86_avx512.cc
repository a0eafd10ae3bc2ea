#include <immintrin.h>

#include "bitnet/kernels/residual_add/residual_add_kernels.h"

namespace bitnet {

void ResidualAddF32Avx512(const ResidualAddArgs& args, int64_t begin, int64_t end) {
  const int64_t last = end * args.dim;
  int64_t i = begin * args.dim;
  for (; i + 16 <= last; i += 16) {
    _mm512_storeu_ps(args.x + i, _mm512_add_ps(_mm512_loadu_ps(args.x + i), _mm512_loadu_ps(args.y + i)));
  }
  if (i < last) {
    const __mmask16 mask = static_cast<__mmask16>((1u << (last - i)) - 1);
    const __m512 sum = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, args.x + i), _mm512_maskz_loadu_ps(mask, args.y + i));
    _mm512_mask_storeu_ps(args.x + i, mask, sum);
  }
}

}  // namespace bitnet
