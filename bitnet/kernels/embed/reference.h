// The plainest EmbeddingLookup: the oracle of the self-test and of the differential test.

#ifndef BITNET_KERNELS_EMBED_REFERENCE_H_
#define BITNET_KERNELS_EMBED_REFERENCE_H_

#include <cstdint>

#include "bitnet/kernels/embed/embed_args.h"

namespace bitnet {

void EmbeddingLookupReference(const EmbeddingLookupArgs& args, int64_t begin, int64_t end);

}  // namespace bitnet

#endif  // BITNET_KERNELS_EMBED_REFERENCE_H_
