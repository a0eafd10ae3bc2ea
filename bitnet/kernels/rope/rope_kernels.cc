#include "bitnet/kernels/rope/rope_kernels.h"

#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/row_op.h"

namespace bitnet {
namespace {

constexpr KernelRow<RopeFn> kKernels[] = {
    {KernelId::kRopeF32Scalar, RopeF32Scalar},
#if defined(__x86_64__)
    {KernelId::kRopeF32Avx2, RopeF32Avx2},
    {KernelId::kRopeF32Avx512, RopeF32Avx512},
#endif
};

}  // namespace

RopeFn FindRopeFn(KernelId kernel) { return FindKernelFn(kKernels, kernel); }

}  // namespace bitnet
