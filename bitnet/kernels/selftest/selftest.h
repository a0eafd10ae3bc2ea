// Known-answer self-tests of every kernel that a run can choose, before it starts.

#ifndef BITNET_KERNELS_SELFTEST_SELFTEST_H_
#define BITNET_KERNELS_SELFTEST_SELFTEST_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"

namespace bitnet {

struct SelfTestResult {
  KernelId kernel;
  Digest digest;    // of its outputs
  uint64_t ns = 0;  // wall time
};

struct SelfTestReport {
  std::vector<SelfTestResult> results;  // each kernel once, in the order of ops.def
  // SHA-256 over, for each op in the order of ops.def that is no span: its receipt id, '\n', the digest of the kernel
  // for one row, the digest of the kernel for many. The same for every instruction set: kKatDigestHex.
  Digest kat_digest;
};

// The self-test of one kernel, which must not be a span: SHA-256 of its outputs, or an Internal error naming it.
absl::StatusOr<Digest> SelfTestKernel(KernelId kernel);

// Runs `self_test` on every kernel that SelectKernel can choose under `isa`, for one row and for many. An Internal
// error is the first failing kernel's, unchanged; or says that kat_digest is not kKatDigestHex, when kernels and
// references are wrong alike. `isa` must hold only what this CPU has. About 15 ms.
absl::StatusOr<SelfTestReport> RunSelfTests(
    IsaSet isa, absl::FunctionRef<absl::StatusOr<Digest>(KernelId)> self_test = SelfTestKernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_SELFTEST_SELFTEST_H_
