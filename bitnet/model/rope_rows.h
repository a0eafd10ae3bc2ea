// Rows of query and key matrices, from the order of interleaved rope to that of half-split rope.

#ifndef BITNET_MODEL_ROPE_ROWS_H_
#define BITNET_MODEL_ROPE_ROWS_H_

#include <cstdint>
#include <span>

namespace bitnet {

// `interleaved` [heads * head_dim][row_bytes] is cut into heads of head_dim rows, an even number. Of each, rows 0, 2,
// 4, ... become the first half and rows 1, 3, 5, ... the second: the pair (2 i, 2 i + 1) that interleaved rope turns by
// angle i becomes the pair (i, i + head_dim / 2) that the rope kernel turns by angle i. Queries and keys are permuted
// alike, so their products are sums of the same terms.
//
// A row of I2_S is whole 32-byte blocks, so rows are copied as they are. `half_split` has the size of `interleaved` and
// does not overlap it.
void RopeRowsToHalfSplit(std::span<const uint8_t> interleaved, int64_t rows, int64_t head_dim,
                         std::span<uint8_t> half_split);

}  // namespace bitnet

#endif  // BITNET_MODEL_ROPE_ROWS_H_
