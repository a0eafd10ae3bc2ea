// Which block kernels an instruction set gives.

#ifndef BITNET_QUANT_BLOCKS_BLOCK_KERNEL_TABLE_H_
#define BITNET_QUANT_BLOCKS_BLOCK_KERNEL_TABLE_H_

#include <cstdint>

#include "bitnet/base/cpu_features.h"
#include "bitnet/quant/blocks/block_shape.h"

namespace bitnet {

// The best of `isa`, which the CPU must have.
const BlockKernels& BlockKernelsFor(BlockLayout layout, IsaSet isa);

// The first weight of a block [bytes of the layout] whose code is illegal, -1 when there is none. Slow: for errors.
int FirstIllegalWeight(BlockLayout layout, const uint8_t* block);

}  // namespace bitnet

#endif  // BITNET_QUANT_BLOCKS_BLOCK_KERNEL_TABLE_H_
