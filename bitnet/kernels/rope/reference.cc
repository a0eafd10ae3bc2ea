#include "bitnet/kernels/rope/reference.h"

#include <vector>

namespace bitnet {

void RopeReference(const RopeKernelArgs& args, int64_t begin, int64_t end) {
  const int64_t dim = args.head_dim;
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t head = 0; head < args.heads; ++head) {
      float* x = args.x + (row * args.heads + head) * dim;
      const std::vector<float> in(x, x + dim);
      for (int64_t i = 0; i < dim; ++i) {
        // The partner lies half a head away; the first half subtracts, the second adds.
        const int64_t partner = (i + dim / 2) % dim;
        const float c = args.cosines[row * (dim / 2) + i % (dim / 2)];
        const float s = args.sines[row * (dim / 2) + i % (dim / 2)];
        const float straight = in[i] * c;
        const float crossed = in[partner] * s;
        x[i] = i < dim / 2 ? straight - crossed : straight + crossed;
      }
    }
  }
}

}  // namespace bitnet
