// The check behind EmbeddingLookupSelfTest, for any function: a test shows that it catches a broken one.

#ifndef BITNET_KERNELS_EMBED_EMBED_SELFTEST_H_
#define BITNET_KERNELS_EMBED_EMBED_SELFTEST_H_

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/embed/embed_kernels.h"

namespace bitnet {

// Runs `fn` on fixed vectors and compares with the reference bit for bit; errors name `kernel`.
absl::StatusOr<Digest> CheckEmbeddingLookup(KernelId kernel, EmbeddingLookupFn fn);

}  // namespace bitnet

#endif  // BITNET_KERNELS_EMBED_EMBED_SELFTEST_H_
