#include "bitnet/kernels/embed/embed_kernels.h"

#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/row_op.h"

namespace bitnet {
namespace {

constexpr KernelRow<EmbeddingLookupFn> kKernels[] = {
    {KernelId::kEmbedF16Scalar, EmbedF16Scalar},
#if defined(__x86_64__)
    {KernelId::kEmbedF16Avx2, EmbedF16Avx2},
    {KernelId::kEmbedF16Avx512, EmbedF16Avx512},
#endif
};

}  // namespace

EmbeddingLookupFn FindEmbeddingLookupFn(KernelId kernel) { return FindKernelFn(kKernels, kernel); }

}  // namespace bitnet
