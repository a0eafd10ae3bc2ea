#include "bitnet/kernels/rms_norm/rms_norm_kernels.h"

#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/row_op.h"

namespace bitnet {
namespace {

constexpr KernelRow<RmsNormFn> kKernels[] = {
    {KernelId::kRmsNormF32Scalar, RmsNormF32Scalar},
#if defined(__x86_64__)
    {KernelId::kRmsNormF32Avx2, RmsNormF32Avx2},
    {KernelId::kRmsNormF32Avx512, RmsNormF32Avx512},
#endif
};

}  // namespace

RmsNormFn FindRmsNormFn(KernelId kernel) { return FindKernelFn(kKernels, kernel); }

}  // namespace bitnet
