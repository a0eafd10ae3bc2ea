// BlockFormat: a stored form that is a sequence of blocks in row order, each of so many weights in so many bytes.

#ifndef BITNET_QUANT_BLOCK_FORMAT_H_
#define BITNET_QUANT_BLOCK_FORMAT_H_

#include <cstdint>
#include <string_view>

#include "bitnet/quant/blocks/block_shape.h"

namespace bitnet {

struct BlockFormat {
  std::string_view label;  // in errors: "TQ2_0"
  BlockLayout layout;
  int64_t tail_bytes = 0;  // after the last block: a binary32 scale and padding
};

}  // namespace bitnet

#endif  // BITNET_QUANT_BLOCK_FORMAT_H_
