#include "bitnet/kernels/head/screen_reference.h"

#include <cmath>
#include <cstdint>

namespace bitnet {

namespace {

void OneToken(const ScreenTable& table, const ScreenToken& token) {
  const int64_t rows = (table.vocab + kScreenPanelRows - 1) / kScreenPanelRows * kScreenPanelRows;
  for (int64_t row = 0; row < rows; ++row) {
    int64_t dot = 0;
    for (int64_t i = 0; i < table.dim; ++i) {
      const int64_t x = 128 * (int64_t{token.high[i]} - 64) + token.low[i];
      const int64_t panel = row / kScreenPanelRows;
      dot += x * table.codes[panel * kScreenPanelRows * table.dim + i / 4 * 64 + row % kScreenPanelRows * 4 + i % 4];
    }
    const double approximate = static_cast<double>(dot) * (token.step * table.scale[row]);
    const double error = token.rest_factor * table.rest[row] + token.norm_factor * table.norm[row];
    const double bound = error + ((std::fabs(approximate) + error) * kScreenSlack + kScreenTiny);
    token.lower[row] = static_cast<float>(approximate - bound);
    token.upper[row] = static_cast<float>(approximate + bound);
  }
}

}  // namespace

void ScreenReference(const ScreenArgs& args) {
  for (int64_t t = 0; t < args.rows; ++t) OneToken(args.table, args.tokens[t]);
}

}  // namespace bitnet
