// Which FloatKernels to use.

#ifndef BITNET_QUANT_FLOATS_FLOAT_KERNEL_TABLE_H_
#define BITNET_QUANT_FLOATS_FLOAT_KERNEL_TABLE_H_

#include "bitnet/base/cpu_features.h"
#include "bitnet/quant/floats/float_kernels.h"

namespace bitnet {

// The fastest within `isa`; kScalar when nothing else fits.
const FloatKernels& FloatKernelsFor(IsaSet isa);

}  // namespace bitnet

#endif  // BITNET_QUANT_FLOATS_FLOAT_KERNEL_TABLE_H_
