// The check behind AttentionSelfTest, for any functions: a test shows that it catches broken ones.

#ifndef BITNET_KERNELS_ATTENTION_ATTENTION_SELFTEST_H_
#define BITNET_KERNELS_ATTENTION_ATTENTION_SELFTEST_H_

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/attention/attention_kernels.h"
#include "bitnet/kernels/catalog/catalog.h"

namespace bitnet {

// Runs `functions` on fixed vectors and compares with the reference bit for bit; errors name `kernel`.
absl::StatusOr<Digest> CheckAttention(KernelId kernel, const AttentionKernel& functions);

}  // namespace bitnet

#endif  // BITNET_KERNELS_ATTENTION_ATTENTION_SELFTEST_H_
