// The kernels of Argmax, for its dispatcher, self-test and tests only.

#ifndef BITNET_KERNELS_SAMPLE_ARGMAX_KERNELS_H_
#define BITNET_KERNELS_SAMPLE_ARGMAX_KERNELS_H_

#include <cstdint>

namespace bitnet {

enum class KernelId : uint8_t;

// Index of the first largest of x[0, n), n >= 1; -1 if any is NaN.
using ArgmaxFn = int64_t (*)(const float* x, int64_t n);

int64_t ArgmaxF32Scalar(const float* x, int64_t n);
int64_t ArgmaxF32Avx2(const float* x, int64_t n);
int64_t ArgmaxF32Avx512(const float* x, int64_t n);

// The function behind a kernel id of this op.
ArgmaxFn FindArgmaxFn(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_SAMPLE_ARGMAX_KERNELS_H_
