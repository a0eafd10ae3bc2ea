// The report as text: a Markdown table, or JSON.

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "xtask/quant_report.h"

namespace bitnet::xtask {
namespace {

std::string Exact(uint64_t exact, uint64_t of) {
  if (exact == of) return "100 %";
  // Never rounded up to 100.
  return absl::StrFormat("%.4f %%", std::floor(1e6 * static_cast<double>(exact) / static_cast<double>(of)) / 1e4);
}

std::string StoredScale(const QuantReportRow& row) {
  if (!row.scale_stored) return "none";
  if (*row.scale_stored == row.scale) return "exact";
  const double stored = static_cast<double>(*row.scale_stored), scale = static_cast<double>(row.scale);
  return absl::StrFormat("off by %.1e", std::fabs(stored - scale) / scale);
}

// JSON has no infinity: null, beside `identical`.
JsonValue Number(double value) { return std::isfinite(value) ? JsonValue::Double(value) : JsonValue(); }

JsonValue RowJson(const QuantReportRow& row) {
  JsonValue::Object object;
  object.push_back({"format", JsonValue::String(std::string(row.format))});
  object.push_back({"weights", JsonValue::String(std::string(WeightPatternName(row.weights)))});
  object.push_back({"method", JsonValue::String(std::string(QuantizeMethodName(row.method)))});
  if (row.refused()) {
    object.push_back({"refusal", JsonValue::String(row.refusal)});
    return JsonValue::MakeObject(std::move(object));
  }
  object.push_back({"trits", JsonValue::Uint(row.trits)});
  object.push_back({"trits_exact", JsonValue::Uint(row.trits_exact)});
  object.push_back({"scale", JsonValue::Double(static_cast<double>(row.scale))});
  object.push_back({"scale_exact", JsonValue::Bool(row.scale_exact)});
  object.push_back(
      {"scale_stored", row.scale_stored ? JsonValue::Double(static_cast<double>(*row.scale_stored)) : JsonValue()});
  object.push_back({"identical", JsonValue::Bool(row.error.identical)});
  object.push_back({"relative_error", Number(row.error.relative_error)});
  object.push_back({"snr_db", Number(row.error.snr_db)});
  object.push_back({"cosine", Number(row.error.cosine)});
  object.push_back({"max_abs_error", Number(row.error.max_abs)});
  object.push_back({"zeros", JsonValue::Uint(row.error.zeros)});
  object.push_back({"bits_per_weight", JsonValue::Double(row.bits_per_weight)});
  return JsonValue::MakeObject(std::move(object));
}

}  // namespace

std::string QuantReportTable(const std::vector<QuantReportRow>& rows) {
  std::string table = absl::StrCat(
      "| format | weights | method | trits exact | scale exact | scale in the bytes alone | relative error | SNR dB | "
      "cosine | zeros | bits/weight |\n",
      "|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (const QuantReportRow& row : rows) {
    absl::StrAppend(&table, "| ", row.format, " | ", WeightPatternName(row.weights), " | ",
                    QuantizeMethodName(row.method), " | ");
    if (row.refused()) {
      absl::StrAppend(&table, "refused: ", row.refusal, " | | | | | | | |\n");
      continue;
    }
    const QuantizationError& error = row.error;
    absl::StrAppend(&table, Exact(row.trits_exact, row.trits), " | ", row.scale_exact ? "yes" : "NO", " | ",
                    StoredScale(row), " | ", error.identical ? "0" : absl::StrFormat("%.6f", error.relative_error),
                    " | ", error.identical ? "exact" : absl::StrFormat("%.3f", error.snr_db), " | ",
                    error.identical ? "1" : absl::StrFormat("%.6f", error.cosine), " | ");
    absl::StrAppendFormat(&table, "%.2f %% | %.4f |\n",
                          100 * static_cast<double>(error.zeros) / static_cast<double>(error.elements),
                          row.bits_per_weight);
  }
  return table;
}

std::string QuantReportJson(const QuantReportOptions& options, const std::vector<QuantReportRow>& rows) {
  JsonValue::Array array;
  for (const QuantReportRow& row : rows) array.push_back(RowJson(row));
  JsonValue::Object object;
  object.push_back({"rows", JsonValue::Int(options.rows)});
  object.push_back({"cols", JsonValue::Int(options.cols)});
  object.push_back({"seed", JsonValue::Uint(options.seed)});
  object.push_back({"holds", JsonValue::Bool(QuantReportHolds(rows))});
  object.push_back({"formats", JsonValue::MakeArray(std::move(array))});
  return WritePrettyJson(JsonValue::MakeObject(std::move(object)));
}

}  // namespace bitnet::xtask
