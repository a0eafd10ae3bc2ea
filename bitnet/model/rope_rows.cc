#include "bitnet/model/rope_rows.h"

#include <cstddef>
#include <cstring>

#include "absl/log/check.h"

namespace bitnet {

void RopeRowsToHalfSplit(std::span<const uint8_t> interleaved, int64_t rows, int64_t head_dim,
                         std::span<uint8_t> half_split) {
  CHECK(head_dim > 0 && head_dim % 2 == 0 && rows % head_dim == 0) << rows << " rows in heads of " << head_dim;
  CHECK(interleaved.size() == half_split.size() && interleaved.size() % static_cast<size_t>(rows) == 0);
  const size_t row_bytes = interleaved.size() / static_cast<size_t>(rows);
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t in_head = row % head_dim;
    const int64_t to = row - in_head + in_head % 2 * (head_dim / 2) + in_head / 2;
    std::memcpy(half_split.data() + static_cast<size_t>(to) * row_bytes,
                interleaved.data() + static_cast<size_t>(row) * row_bytes, row_bytes);
  }
}

}  // namespace bitnet
