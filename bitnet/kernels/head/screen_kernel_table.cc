#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/head/screen_kernels.h"
#include "bitnet/kernels/row_op.h"

namespace bitnet {
namespace {

constexpr KernelRow<ScreenFn> kKernels[] = {
    {KernelId::kHeadI8Scalar, HeadI8Scalar},
#if defined(__x86_64__)
    {KernelId::kHeadI8Avx2, HeadI8Avx2},
    {KernelId::kHeadI8Avx512Vnni, HeadI8Avx512Vnni},
#endif
};

}  // namespace

ScreenFn FindScreenFn(KernelId kernel) { return FindKernelFn(kKernels, kernel); }

}  // namespace bitnet
