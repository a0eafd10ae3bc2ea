#include "bitnet/kernels/silu_mul/silu_mul_kernels.h"

#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/row_op.h"

namespace bitnet {
namespace {

constexpr KernelRow<SiluMulFn> kKernels[] = {
    {KernelId::kSiluMulF32Scalar, SiluMulF32Scalar},
#if defined(__x86_64__)
    {KernelId::kSiluMulF32Avx2, SiluMulF32Avx2},
    {KernelId::kSiluMulF32Avx512, SiluMulF32Avx512},
#endif
};

}  // namespace

SiluMulFn FindSiluMulFn(KernelId kernel) { return FindKernelFn(kKernels, kernel); }

}  // namespace bitnet
