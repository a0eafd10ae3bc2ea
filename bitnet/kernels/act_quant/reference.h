// The plainest activation quantization: one element at a time, by the formula of CA-1.

#ifndef BITNET_KERNELS_ACT_QUANT_REFERENCE_H_
#define BITNET_KERNELS_ACT_QUANT_REFERENCE_H_

#include "bitnet/kernels/act_quant/act_quant_args.h"

namespace bitnet {

// All rows. What tests and self-tests compare kernels with; no dispatcher calls it.
void ActQuantReference(const ActQuantArgs& args);

}  // namespace bitnet

#endif  // BITNET_KERNELS_ACT_QUANT_REFERENCE_H_
