// Activation quantization: f32 activations to int8, one absmax scale per token.

#ifndef BITNET_KERNELS_ACT_QUANT_ACT_QUANT_H_
#define BITNET_KERNELS_ACT_QUANT_ACT_QUANT_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/act_quant/act_quant_args.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/context.h"

namespace bitnet {

// Chooses, runs and records a kernel, parallel over token rows. DataLoss names the first row with a NaN or an infinity
// in x: finite weights can still be so large that activations overflow, and what follows would be noise.
[[nodiscard]] absl::Status ActQuant(KernelContext& ctx, const ActQuantArgs& args);

// Runs fixed adversarial rows through `kernel` and compares every output bit with the plain formula. The digest covers
// the outputs and is the same for every kernel of the op. InternalError names the kernel, the case, expected and got;
// InvalidArgument when this program has no such kernel. The CPU must have the kernel's instruction set.
absl::StatusOr<Digest> ActQuantSelfTest(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_ACT_QUANT_ACT_QUANT_H_
