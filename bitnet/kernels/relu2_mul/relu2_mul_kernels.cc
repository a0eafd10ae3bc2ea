#include "bitnet/kernels/relu2_mul/relu2_mul_kernels.h"

#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/row_op.h"

namespace bitnet {
namespace {

constexpr KernelRow<Relu2MulFn> kKernels[] = {
    {KernelId::kRelu2MulF32Scalar, Relu2MulF32Scalar},
#if defined(__x86_64__)
    {KernelId::kRelu2MulF32Avx2, Relu2MulF32Avx2},
    {KernelId::kRelu2MulF32Avx512, Relu2MulF32Avx512},
#endif
};

}  // namespace

Relu2MulFn FindRelu2MulFn(KernelId kernel) { return FindKernelFn(kKernels, kernel); }

}  // namespace bitnet
