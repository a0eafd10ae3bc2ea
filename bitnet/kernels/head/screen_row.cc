#include "bitnet/kernels/head/screen_row.h"

#include <cmath>

namespace bitnet {

void StoreScreenRow(const QuantizePanelArgs& args, int64_t row, float scale, float rest_squares, int32_t code_sum,
                    int64_t squares) {
  const double dim = static_cast<double>(args.dim);
  const double rest = std::sqrt(rest_squares * (1 + (dim / 32 + 8) * 0x1p-23) + dim * 0x1p-149);
  const double norm = scale * std::sqrt(static_cast<double>(squares));
  args.scale[row] = scale;
  args.rest[row] = static_cast<float>(rest * (1 + 0x1p-22));  // more than the rounding to binary32 takes away
  args.norm[row] = static_cast<float>(norm * (1 + 0x1p-22));
  args.code_sum[row] = code_sum;
}

}  // namespace bitnet
