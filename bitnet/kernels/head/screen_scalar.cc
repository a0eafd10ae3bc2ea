// Portable head screening.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "bitnet/base/ca1.h"
#include "bitnet/base/f16.h"
#include "bitnet/kernels/head/screen_kernels.h"
#include "bitnet/kernels/head/screen_row.h"

namespace bitnet {
namespace {

constexpr int64_t kLanes = ca1::kLanes;

void OneRow(const QuantizePanelArgs& args, int64_t row) {
  const F16* values = args.rows + row * args.dim;
  float largest = 0;
  for (int64_t i = 0; i < args.dim; ++i) largest = std::max(largest, std::fabs(F16ToF32(values[i])));
  const ScreenScale scale = ScreenScaleOf(largest);
  float lanes[kLanes] = {};
  int32_t sum = 0;
  int64_t squares = 0;
  for (int64_t i = 0; i < args.dim; ++i) {
    const float value = F16ToF32(values[i]);
    const int32_t code = static_cast<int32_t>(std::nearbyint(value * scale.inverse));
    const float rest = std::fma(-scale.scale, static_cast<float>(code), value);
    lanes[i % kLanes] = std::fma(rest, rest, lanes[i % kLanes]);
    sum += code;
    squares += code * code;
    args.codes[i / 4 * 64 + row * 4 + i % 4] = static_cast<int8_t>(code);
  }
  StoreScreenRow(args, row, scale.scale, ca1::ReduceLanes(lanes), sum, squares);
}

// Bounds of one token for the rows of one panel.
void OnePanel(const ScreenTable& table, const ScreenToken& token, int64_t panel) {
  const int8_t* codes = table.codes + panel * table.dim * kScreenPanelRows;
  int32_t high[kScreenPanelRows] = {}, low[kScreenPanelRows] = {};
  for (int64_t i = 0; i < table.dim; i += 4, codes += 64) {
    for (int64_t lane = 0; lane < kScreenPanelRows; ++lane) {
      for (int64_t j = 0; j < 4; ++j) {
        high[lane] += token.high[i + j] * codes[lane * 4 + j];
        low[lane] += token.low[i + j] * codes[lane * 4 + j];
      }
    }
  }
  for (int64_t lane = 0; lane < kScreenPanelRows; ++lane) {
    const int64_t row = panel * kScreenPanelRows + lane;
    const double dot = static_cast<double>(high[lane] - 64 * table.code_sum[row]) * 128.0 + low[lane];
    const double approximate = dot * (token.step * table.scale[row]);
    const double error = token.rest_factor * table.rest[row] + token.norm_factor * table.norm[row];
    const double bound = error + ((std::fabs(approximate) + error) * kScreenSlack + kScreenTiny);
    token.lower[row] = static_cast<float>(approximate - bound);
    token.upper[row] = static_cast<float>(approximate + bound);
  }
}

}  // namespace

void QuantizePanelScalar(const QuantizePanelArgs& args) {
  for (int64_t row = 0; row < args.count; ++row) OneRow(args, row);
}

void HeadI8Scalar(const ScreenArgs& args, int64_t begin, int64_t end) {
  for (int64_t panel = begin; panel < end; ++panel) {
    for (int64_t t = 0; t < args.rows; ++t) OnePanel(args.table, args.tokens[t], panel);
  }
}

}  // namespace bitnet
