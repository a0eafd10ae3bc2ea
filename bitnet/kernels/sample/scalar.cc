// Portable argmax.

#include <cstdint>

#include "bitnet/kernels/sample/argmax_kernels.h"

namespace bitnet {

int64_t ArgmaxF32Scalar(const float* x, int64_t n) {
  int64_t best = 0;
  bool has_nan = false;
  for (int64_t i = 0; i < n; ++i) {
    has_nan |= x[i] != x[i];
    if (x[i] > x[best]) best = i;
  }
  return has_nan ? -1 : best;
}

}  // namespace bitnet
