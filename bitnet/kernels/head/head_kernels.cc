#include "bitnet/kernels/head/head_kernels.h"

#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/row_op.h"

namespace bitnet {
namespace {

constexpr KernelRow<LogitsProjectionFn> kKernels[] = {
    {KernelId::kHeadF16Scalar, HeadF16Scalar},
#if defined(__x86_64__)
    {KernelId::kHeadF16Avx2, HeadF16Avx2},
    {KernelId::kHeadF16Avx512, HeadF16Avx512},
#endif
};

}  // namespace

LogitsProjectionFn FindLogitsProjectionFn(KernelId kernel) { return FindKernelFn(kKernels, kernel); }

}  // namespace bitnet
