#include "bitnet/kernels/residual_add/residual_add_kernels.h"

#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/row_op.h"

namespace bitnet {
namespace {

constexpr KernelRow<ResidualAddFn> kKernels[] = {
    {KernelId::kResidualAddF32Scalar, ResidualAddF32Scalar},
#if defined(__x86_64__)
    {KernelId::kResidualAddF32Avx2, ResidualAddF32Avx2},
    {KernelId::kResidualAddF32Avx512, ResidualAddF32Avx512},
#endif
};

}  // namespace

ResidualAddFn FindResidualAddFn(KernelId kernel) { return FindKernelFn(kKernels, kernel); }

}  // namespace bitnet
