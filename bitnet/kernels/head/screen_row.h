// What the bounds of a quantized head row are made of, the same in every quantizer. Plain scalar code.

#ifndef BITNET_KERNELS_HEAD_SCREEN_ROW_H_
#define BITNET_KERNELS_HEAD_SCREEN_ROW_H_

#include <cstdint>

#include "bitnet/kernels/head/screen_args.h"

namespace bitnet {

struct ScreenScale {
  float scale;    // value of code 1
  float inverse;  // what a value is multiplied by to get its code
};

// Of a row whose largest magnitude is given. The smallest binary16 is 2^-24, so neither is subnormal or overflows, and
// largest * inverse rounds to 127.
inline ScreenScale ScreenScaleOf(float largest) {
  if (largest == 0) return {0, 0};
  return {largest / 127.0f, 127.0f / largest};
}

// Stores the facts of row `row`. rest_squares: sum of dim squares of value - scale * code, each term and each addition
// rounded to binary32, so short of the exact sum by a factor of at most 1 + (dim / 32 + 8) 2^-23; terms that vanish are
// below 2^-149. squares: sum of squares of codes, exact. Both norms are rounded up.
void StoreScreenRow(const QuantizePanelArgs& args, int64_t row, float scale, float rest_squares, int32_t code_sum,
                    int64_t squares);

}  // namespace bitnet

#endif  // BITNET_KERNELS_HEAD_SCREEN_ROW_H_
