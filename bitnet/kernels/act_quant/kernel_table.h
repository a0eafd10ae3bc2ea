// From a kernel id to the function behind it, and the check that the function is right.

#ifndef BITNET_KERNELS_ACT_QUANT_KERNEL_TABLE_H_
#define BITNET_KERNELS_ACT_QUANT_KERNEL_TABLE_H_

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/act_quant/act_quant_kernels.h"
#include "bitnet/kernels/catalog/catalog.h"

namespace bitnet {

// nullptr for a kernel of another op or of another CPU architecture.
ActQuantFn ActQuantFunction(KernelId kernel);

// The body of ActQuantSelfTest for any function; errors call it by the id of `kernel`.
absl::StatusOr<Digest> CheckActQuant(KernelId kernel, ActQuantFn function);

}  // namespace bitnet

#endif  // BITNET_KERNELS_ACT_QUANT_KERNEL_TABLE_H_
