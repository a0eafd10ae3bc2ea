#include "bitnet/kernels/head/reference.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bitnet/base/ca1.h"
#include "bitnet/base/f16.h"

namespace bitnet {

void LogitsProjectionReference(const LogitsProjectionArgs& args) {
  std::vector<float> entry(args.dim);
  for (int64_t row = 0; row < args.rows; ++row) {
    const std::span<const float> h(args.h + row * args.dim, static_cast<size_t>(args.dim));
    for (int64_t v = 0; v < args.vocab; ++v) {
      for (int64_t i = 0; i < args.dim; ++i) entry[i] = F16ToF32(args.table[v * args.dim + i]);
      args.logits[row * args.vocab + v] = ca1::Dot(h, entry);
    }
  }
}

}  // namespace bitnet
