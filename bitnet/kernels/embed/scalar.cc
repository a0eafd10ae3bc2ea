#include "bitnet/base/f16.h"
#include "bitnet/kernels/embed/embed_kernels.h"

namespace bitnet {

void EmbedF16Scalar(const EmbeddingLookupArgs& args, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    const F16* from = args.table + args.ids[row] * args.dim;
    float* to = args.out + row * args.dim;
    for (int64_t i = 0; i < args.dim; ++i) to[i] = F16ToF32(from[i]);
  }
}

}  // namespace bitnet
