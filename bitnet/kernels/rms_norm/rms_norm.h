// RmsNorm: y = x / sqrt(mean(x^2) + eps) * weight, per token row, in CA-1 arithmetic:
//   ss = Dot(x, x);  scale = 1 / sqrt(ss / dim + eps);  y[i] = (x[i] * scale) * weight[i]

#ifndef BITNET_KERNELS_RMS_NORM_RMS_NORM_H_
#define BITNET_KERNELS_RMS_NORM_RMS_NORM_H_

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/rms_norm/rms_norm_args.h"

namespace bitnet {

// Runs the kernel that the catalog selects on args.rows >= 1 rows, split by row, and records the call.
void RmsNorm(KernelContext& ctx, const RmsNormArgs& args);

// Runs one kernel of this op on fixed vectors. SHA-256 of the outputs, equal for every kernel; an Internal error
// names the kernel and the case whose bits differ from the plain answer.
absl::StatusOr<Digest> RmsNormSelfTest(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_RMS_NORM_RMS_NORM_H_
