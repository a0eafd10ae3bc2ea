// The kernels of Rope, for its dispatcher, self-test and tests only.

#ifndef BITNET_KERNELS_ROPE_ROPE_KERNELS_H_
#define BITNET_KERNELS_ROPE_ROPE_KERNELS_H_

#include <cstdint>

#include "bitnet/kernels/rope/rope_args.h"

namespace bitnet {

enum class KernelId : uint8_t;

// Works on token rows [begin, end).
using RopeFn = void (*)(const RopeKernelArgs& args, int64_t begin, int64_t end);

void RopeF32Scalar(const RopeKernelArgs& args, int64_t begin, int64_t end);
void RopeF32Avx2(const RopeKernelArgs& args, int64_t begin, int64_t end);
void RopeF32Avx512(const RopeKernelArgs& args, int64_t begin, int64_t end);

// The function behind a kernel id of this op.
RopeFn FindRopeFn(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_ROPE_ROPE_KERNELS_H_
