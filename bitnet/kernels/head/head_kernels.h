// The kernels of LogitsProjection, for its dispatcher, self-test and tests only.

#ifndef BITNET_KERNELS_HEAD_HEAD_KERNELS_H_
#define BITNET_KERNELS_HEAD_HEAD_KERNELS_H_

#include <cstdint>

#include "bitnet/kernels/head/head_args.h"

namespace bitnet {

enum class KernelId : uint8_t;

// Works on table rows [begin, end), for all token rows.
using LogitsProjectionFn = void (*)(const LogitsProjectionArgs& args, int64_t begin, int64_t end);

void HeadF16Scalar(const LogitsProjectionArgs& args, int64_t begin, int64_t end);
void HeadF16Avx2(const LogitsProjectionArgs& args, int64_t begin, int64_t end);
void HeadF16Avx512(const LogitsProjectionArgs& args, int64_t begin, int64_t end);

// The function behind a kernel id of this op.
LogitsProjectionFn FindLogitsProjectionFn(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_HEAD_HEAD_KERNELS_H_
