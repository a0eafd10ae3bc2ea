// The kernels of head screening, for its dispatcher, self-test and tests only.

#ifndef BITNET_KERNELS_HEAD_SCREEN_KERNELS_H_
#define BITNET_KERNELS_HEAD_SCREEN_KERNELS_H_

#include <cstdint>

#include "bitnet/kernels/head/screen_args.h"

namespace bitnet {

enum class KernelId : uint8_t;

// Bounds of the rows of panels [begin, end). Integer sums are exact and what follows is element-wise binary64, so every
// kernel gives the same bits.
using ScreenFn = void (*)(const ScreenArgs& args, int64_t begin, int64_t end);

void HeadI8Scalar(const ScreenArgs& args, int64_t begin, int64_t end);
void HeadI8Avx2(const ScreenArgs& args, int64_t begin, int64_t end);
void HeadI8Avx512Vnni(const ScreenArgs& args, int64_t begin, int64_t end);

// The function behind a kernel id of this op.
ScreenFn FindScreenFn(KernelId kernel);

// Makes one panel, the same bits in each: code = rne(row / scale) with scale = max |row| / 127, sums of squares in the
// 32 lanes of CA-1.
using QuantizePanelFn = void (*)(const QuantizePanelArgs& args);
void QuantizePanelScalar(const QuantizePanelArgs& args);
void QuantizePanelAvx2(const QuantizePanelArgs& args);

}  // namespace bitnet

#endif  // BITNET_KERNELS_HEAD_SCREEN_KERNELS_H_
