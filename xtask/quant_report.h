// What each ternary format keeps of generated weights: the figures of `xtask quant-report`.

#ifndef XTASK_QUANT_REPORT_H_
#define XTASK_QUANT_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/quant/quantization_error.h"
#include "bitnet/quant/quantize.h"
#include "bitnet/quant/weight_pattern.h"

namespace bitnet::xtask {

struct QuantReportOptions {
  int64_t rows = 256;
  int64_t cols = 2560;
  uint64_t seed = 1;
  std::vector<std::string> formats;  // none: all
  IsaSet isa;
};

// One matrix of one kind of weights in one format.
struct QuantReportRow {
  std::string_view format;
  WeightPattern weights;
  QuantizeMethod method;
  std::string refusal;  // why the format cannot hold them, as it says itself; the other fields are then without meaning
  uint64_t trits = 0;   // of the matrix
  uint64_t trits_exact = 0;           // read back as they were before they were packed
  float scale = 0;                    // of the quantizer
  bool scale_exact = false;           // read back to the bit, with the metadata that our writer adds
  std::optional<float> scale_stored;  // what the tensor's bytes alone give; none when they hold no scale
  QuantizationError error;            // of what is read back, against the weights before quantization
  double bits_per_weight = 0;         // of the tensor's bytes, scales and padding included

  bool refused() const { return !refusal.empty(); }
  bool exact() const { return !refused() && trits_exact == trits && scale_exact; }
};

// Rows by format, then by weights. Formats without zeros get binary instead of ternary weights. InvalidArgument for an
// unknown format or a shape that some format asked for cannot have.
absl::StatusOr<std::vector<QuantReportRow>> MakeQuantReport(const QuantReportOptions& options);

// Whether every row that is not refused came back exactly, and ternary weights without any error.
bool QuantReportHolds(const std::vector<QuantReportRow>& rows);

// A Markdown table; a JSON object. Both end with a newline.
std::string QuantReportTable(const std::vector<QuantReportRow>& rows);
std::string QuantReportJson(const QuantReportOptions& options, const std::vector<QuantReportRow>& rows);

}  // namespace bitnet::xtask

#endif  // XTASK_QUANT_REPORT_H_
