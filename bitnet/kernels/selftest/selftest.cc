#include "bitnet/kernels/selftest/selftest.h"

#include <algorithm>

#include "absl/log/log.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/act_quant/act_quant.h"
#include "bitnet/kernels/attention/attention.h"
#include "bitnet/kernels/catalog/kat.h"
#include "bitnet/kernels/embed/embed.h"
#include "bitnet/kernels/head/head.h"
#include "bitnet/kernels/head/screen.h"
#include "bitnet/kernels/relu2_mul/relu2_mul.h"
#include "bitnet/kernels/residual_add/residual_add.h"
#include "bitnet/kernels/rms_norm/rms_norm.h"
#include "bitnet/kernels/rope/rope.h"
#include "bitnet/kernels/sample/sample.h"
#include "bitnet/kernels/silu_mul/silu_mul.h"
#include "bitnet/kernels/ternary_matmul/ternary_matmul.h"

namespace bitnet {
namespace {

// The result of `kernel`, from `results` if it has run already (most ops have one kernel for any number of rows).
absl::StatusOr<Digest> RunOnce(KernelId kernel, absl::FunctionRef<absl::StatusOr<Digest>(KernelId)> self_test,
                               std::vector<SelfTestResult>& results) {
  const auto done =
      std::find_if(results.begin(), results.end(), [&](const SelfTestResult& r) { return r.kernel == kernel; });
  if (done != results.end()) return done->digest;
  const uint64_t start = NowNs();
  BITNET_ASSIGN_OR_RETURN(const Digest digest, self_test(kernel));
  results.push_back({kernel, digest, NowNs() - start});
  return digest;
}

}  // namespace

absl::StatusOr<Digest> SelfTestKernel(KernelId kernel) {
  switch (GetKernel(kernel).op) {
    case Op::kEmbeddingLookup:
      return EmbeddingLookupSelfTest(kernel);
    case Op::kTernaryMatmul:
      return TernaryMatmulSelfTest(kernel);
    case Op::kRope:
      return RopeSelfTest(kernel);
    case Op::kAttention:
      return AttentionSelfTest(kernel);
    case Op::kLogitsProjection:
      return LogitsProjectionSelfTest(kernel);
    case Op::kRmsNorm:
      return RmsNormSelfTest(kernel);
    case Op::kActQuant:
      return ActQuantSelfTest(kernel);
    case Op::kRelu2Mul:
      return Relu2MulSelfTest(kernel);
    case Op::kSiluMul:
      return SiluMulSelfTest(kernel);
    case Op::kResidualAdd:
      return ResidualAddSelfTest(kernel);
    case Op::kArgmax:
      return ArgmaxSelfTest(kernel);
    case Op::kSample:
      return SampleSelfTest(kernel);
    case Op::kLogitsScreening:
      return LogitsScreeningSelfTest(kernel);
    case Op::kPrefillForward:
    case Op::kDecodeForward:
      break;
  }
  LOG(FATAL) << "kernel " << GetKernel(kernel).id << " is a span: it has no code of its own to test";
}

absl::StatusOr<SelfTestReport> RunSelfTests(IsaSet isa, absl::FunctionRef<absl::StatusOr<Digest>(KernelId)> self_test) {
  constexpr int64_t kOneRow = 1;
  constexpr int64_t kManyRows = 2;
  SelfTestReport report;
  Sha256 kat;
  for (int i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    if (IsSpan(op)) continue;
    kat.Update(OpReceiptId(op)).Update("\n");
    for (int64_t rows : {kOneRow, kManyRows}) {
      BITNET_ASSIGN_OR_RETURN(const Digest digest, RunOnce(SelectKernel(op, rows, isa), self_test, report.results));
      kat.Update(digest);
    }
  }
  report.kat_digest = kat.Finish();
  if (ToHex(report.kat_digest) != kKatDigestHex) {
    return absl::InternalError(absl::StrCat(
        "self-tests: every kernel agrees with the reference compiled beside it, but the digest of all answers is ",
        ToHex(report.kat_digest), ", expected ", kKatDigestHex,
        "; the compiler or its flags changed float arithmetic, rebuild with those of .bazelrc"));
  }
  return report;
}

}  // namespace bitnet
