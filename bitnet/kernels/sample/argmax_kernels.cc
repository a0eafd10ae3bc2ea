#include "bitnet/kernels/sample/argmax_kernels.h"

#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/row_op.h"

namespace bitnet {
namespace {

constexpr KernelRow<ArgmaxFn> kKernels[] = {
    {KernelId::kArgmaxF32Scalar, ArgmaxF32Scalar},
#if defined(__x86_64__)
    {KernelId::kArgmaxF32Avx2, ArgmaxF32Avx2},
    {KernelId::kArgmaxF32Avx512, ArgmaxF32Avx512},
#endif
};

}  // namespace

ArgmaxFn FindArgmaxFn(KernelId kernel) { return FindKernelFn(kKernels, kernel); }

}  // namespace bitnet
