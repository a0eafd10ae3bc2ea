#include "bitnet/kernels/head/screen_reference.h"

#include <cmath>
#include <cstdint>

namespace bitnet {

void ScreenReference(const ScreenArgs& args) {
  const ScreenTable& table = args.table;
  const int64_t rows = (table.vocab + kScreenPanelRows - 1) / kScreenPanelRows * kScreenPanelRows;
  for (int64_t row = 0; row < rows; ++row) {
    int64_t dot = 0;
    for (int64_t i = 0; i < table.dim; ++i) {
      const int64_t x = 128 * (int64_t{args.high[i]} - 64) + args.low[i];
      const int64_t panel = row / kScreenPanelRows;
      dot += x * table.codes[panel * kScreenPanelRows * table.dim + i / 4 * 64 + row % kScreenPanelRows * 4 + i % 4];
    }
    const double approximate = static_cast<double>(dot) * (args.step * table.scale[row]);
    const double error = args.rest_factor * table.rest[row] + args.norm_factor * table.norm[row];
    const double bound = error + ((std::fabs(approximate) + error) * kScreenSlack + kScreenTiny);
    args.lower[row] = static_cast<float>(approximate - bound);
    args.upper[row] = static_cast<float>(approximate + bound);
  }
}

}  // namespace bitnet
