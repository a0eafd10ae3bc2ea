// The kernels of ResidualAdd, for its dispatcher, self-test and tests only.

#ifndef BITNET_KERNELS_RESIDUAL_ADD_RESIDUAL_ADD_KERNELS_H_
#define BITNET_KERNELS_RESIDUAL_ADD_RESIDUAL_ADD_KERNELS_H_

#include <cstdint>

#include "bitnet/kernels/residual_add/residual_add_args.h"

namespace bitnet {

enum class KernelId : uint8_t;

// Works on token rows [begin, end).
using ResidualAddFn = void (*)(const ResidualAddArgs& args, int64_t begin, int64_t end);

void ResidualAddF32Scalar(const ResidualAddArgs& args, int64_t begin, int64_t end);
void ResidualAddF32Avx2(const ResidualAddArgs& args, int64_t begin, int64_t end);
void ResidualAddF32Avx512(const ResidualAddArgs& args, int64_t begin, int64_t end);

// The function behind a kernel id of this op.
ResidualAddFn FindResidualAddFn(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_RESIDUAL_ADD_RESIDUAL_ADD_KERNELS_H_
