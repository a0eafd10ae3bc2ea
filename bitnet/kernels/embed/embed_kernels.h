// The kernels of EmbeddingLookup, for its dispatcher, self-test and tests only.

#ifndef BITNET_KERNELS_EMBED_EMBED_KERNELS_H_
#define BITNET_KERNELS_EMBED_EMBED_KERNELS_H_

#include <cstdint>

#include "bitnet/kernels/embed/embed_args.h"

namespace bitnet {

enum class KernelId : uint8_t;

// Works on token rows [begin, end).
using EmbeddingLookupFn = void (*)(const EmbeddingLookupArgs& args, int64_t begin, int64_t end);

void EmbedF16Scalar(const EmbeddingLookupArgs& args, int64_t begin, int64_t end);
void EmbedF16Avx2(const EmbeddingLookupArgs& args, int64_t begin, int64_t end);
void EmbedF16Avx512(const EmbeddingLookupArgs& args, int64_t begin, int64_t end);

// The function behind a kernel id of this op.
EmbeddingLookupFn FindEmbeddingLookupFn(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_EMBED_EMBED_KERNELS_H_
