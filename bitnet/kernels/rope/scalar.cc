#include "bitnet/kernels/rope/rope_kernels.h"

namespace bitnet {

void RopeF32Scalar(const RopeKernelArgs& args, int64_t begin, int64_t end) {
  const int64_t half = args.head_dim / 2;
  for (int64_t row = begin; row < end; ++row) {
    const float* cosines = args.cosines + row * half;
    const float* sines = args.sines + row * half;
    for (int64_t head = 0; head < args.heads; ++head) {
      float* x0 = args.x + (row * args.heads + head) * args.head_dim;
      float* x1 = x0 + half;
      for (int64_t i = 0; i < half; ++i) {
        const float a = x0[i];
        const float b = x1[i];
        x0[i] = a * cosines[i] - b * sines[i];
        x1[i] = b * cosines[i] + a * sines[i];
      }
    }
  }
}

}  // namespace bitnet
