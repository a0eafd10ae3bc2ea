// The check behind LogitsScreeningSelfTest, for any function: a test shows that it catches a broken one.

#ifndef BITNET_KERNELS_HEAD_SCREEN_SELFTEST_H_
#define BITNET_KERNELS_HEAD_SCREEN_SELFTEST_H_

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/head/screen_kernels.h"

namespace bitnet {

// Runs `fn` on fixed vectors and compares with the reference bit for bit; errors name `kernel`.
absl::StatusOr<Digest> CheckLogitsScreening(KernelId kernel, ScreenFn fn);

}  // namespace bitnet

#endif  // BITNET_KERNELS_HEAD_SCREEN_SELFTEST_H_
