// TlTiling: how TL1 and TL2 cut one matrix into tiles. Microsoft's converter takes it from a kernel_config.ini that is
// made for one model and one CPU and is not in the file; files written here carry it in metadata.

#ifndef BITNET_QUANT_TL_TILING_H_
#define BITNET_QUANT_TL_TILING_H_

#include <cstdint>

namespace bitnet {

struct TlTiling {
  int64_t rows = 0;  // M of the matrix that this is for
  int64_t cols = 0;  // K
  int32_t bm = 0;    // rows of a tile
  int32_t bk = 0;    // columns of a tile
  int32_t bmm = 0;   // rows that one kernel call holds in registers
  bool operator==(const TlTiling&) const = default;
};

}  // namespace bitnet

#endif  // BITNET_QUANT_TL_TILING_H_
