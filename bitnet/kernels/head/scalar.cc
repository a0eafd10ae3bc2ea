// Portable logits projection: each table row is read and converted once for all token rows, piece by piece.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "bitnet/base/ca1.h"
#include "bitnet/base/f16.h"
#include "bitnet/kernels/head/head_kernels.h"

namespace bitnet {
namespace {

constexpr int64_t kLanes = ca1::kLanes;
constexpr int64_t kRowBlock = 4;  // token rows that share a converted piece

// Logits of table row `v` for token rows [row, row + count).
void OneEntry(const LogitsProjectionArgs& args, int64_t v, int64_t row, int64_t count) {
  const F16* entry = args.table + v * args.dim;
  float lanes[kRowBlock][kLanes] = {};
  float piece[kLanes];
  for (int64_t start = 0; start < args.dim; start += kLanes) {
    const int64_t n = std::min(kLanes, args.dim - start);
    for (int64_t i = 0; i < n; ++i) piece[i] = F16ToF32(entry[start + i]);
    for (int64_t r = 0; r < count; ++r) {
      const float* h = args.h + (row + r) * args.dim + start;
      for (int64_t i = 0; i < n; ++i) lanes[r][i] = std::fma(h[i], piece[i], lanes[r][i]);
    }
  }
  for (int64_t r = 0; r < count; ++r) args.logits[(row + r) * args.vocab + v] = ca1::ReduceLanes(lanes[r]);
}

}  // namespace

void HeadF16Scalar(const LogitsProjectionArgs& args, int64_t begin, int64_t end) {
  for (int64_t v = begin; v < end; ++v) {
    for (int64_t row = 0; row < args.rows; row += kRowBlock) {
      OneEntry(args, v, row, std::min(kRowBlock, args.rows - row));
    }
  }
}

}  // namespace bitnet
