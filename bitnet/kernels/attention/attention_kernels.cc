#include "bitnet/kernels/attention/attention_kernels.h"

#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/row_op.h"

namespace bitnet {
namespace {

constexpr KernelRow<AttentionKernel> kKernels[] = {
    {KernelId::kAttentionF16kvScalar, {AppendF16kvScalar, AttentionF16kvScalar}},
#if defined(__x86_64__)
    {KernelId::kAttentionF16kvAvx2, {AppendF16kvAvx2, AttentionF16kvAvx2}},
    {KernelId::kAttentionF16kvAvx512, {AppendF16kvAvx512, AttentionF16kvAvx512}},
#endif
};

}  // namespace

AttentionKernel FindAttentionKernel(KernelId kernel) { return FindKernelFn(kKernels, kernel); }

}  // namespace bitnet
