#include "xtask/crossval_report.h"

#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace bitnet::xtask {
namespace {

JsonValue Number(double value) {
  return std::isfinite(value) ? JsonValue::Double(value) : JsonValue::String("infinite");
}

JsonValue RowJson(const RowComparison& row, bool logits) {
  JsonValue::Object object;
  object.push_back({"position", JsonValue::Int(row.position)});
  object.push_back({"max_abs", Number(row.max_abs)});
  object.push_back({"relative", Number(row.relative)});
  object.push_back({"cosine", JsonValue::Double(row.cosine)});
  if (logits) {
    object.push_back({"kl", Number(row.kl)});
    object.push_back({"top1_equal", JsonValue::Bool(row.top1_equal)});
  }
  return JsonValue::MakeObject(std::move(object));
}

JsonValue RecordJson(const RecordComparison& record, const Tolerances& tolerances) {
  JsonValue::Object object;
  object.push_back({"name", JsonValue::String(record.id().Name())});
  if (record.id().layer) object.push_back({"layer", JsonValue::Int(*record.id().layer)});
  object.push_back({"op", JsonValue::String(record.id().op)});
  object.push_back({"agrees", JsonValue::Bool(!record.FirstDivergence(tolerances).has_value())});
  object.push_back({"max_abs", Number(record.max_abs())});
  object.push_back({"relative", Number(record.relative())});
  object.push_back({"relative_worst", Number(record.worst_relative())});
  object.push_back({"cosine_mean", JsonValue::Double(record.mean_cosine())});
  object.push_back({"cosine_min", JsonValue::Double(record.min_cosine())});
  if (record.is_logits()) {
    object.push_back({"kl_mean", Number(record.mean_kl())});
    object.push_back({"kl_max", Number(record.max_kl())});
    object.push_back({"top1_equal", JsonValue::Uint(record.top1_equal())});
  }
  JsonValue::Array rows;
  for (const RowComparison& row : record.rows()) rows.push_back(RowJson(row, record.is_logits()));
  object.push_back({"rows", JsonValue::MakeArray(std::move(rows))});
  return JsonValue::MakeObject(std::move(object));
}

// "layer.3.attention, position 17".
std::string Where(const CrossvalReport& report, const Divergence& divergence) {
  const RecordComparison& record = report[divergence.record];
  return absl::StrCat(record.id().Name(), ", position ", record.rows()[divergence.row].position);
}

void AppendLine(std::string& table, const std::string& name, double max_abs, double relative, double worst,
                double cosine, double worst_cosine) {
  absl::StrAppendFormat(&table, "%-26s %10.3e %10.3e %10.3e %10.6f %10.6f", name, max_abs, relative, worst, cosine,
                        worst_cosine);
}

void AppendRows(std::string& table, const RecordComparison& record) {
  for (const RowComparison& row : record.rows()) {
    AppendLine(table, absl::StrCat("  position ", row.position), row.max_abs, row.relative, row.relative, row.cosine,
               row.cosine);
    if (record.is_logits()) absl::StrAppendFormat(&table, " %9.2e  %s", row.kl, row.top1_equal ? "same" : "other");
    table.push_back('\n');
  }
}

}  // namespace

std::string CrossvalTable(const CrossvalReport& report, const Tolerances& tolerances, bool per_position) {
  std::string table = absl::StrFormat("%-26s %10s %10s %10s %10s %10s %9s  %s\n", "value", "max abs", "relative",
                                      "worst row", "cosine", "min cosine", "KL", "top-1");
  for (const RecordComparison& record : report) {
    AppendLine(table, record.id().Name(), record.max_abs(), record.relative(), record.worst_relative(),
               record.mean_cosine(), record.min_cosine());
    if (record.is_logits()) {
      absl::StrAppendFormat(&table, " %9.2e  %d of %d", record.mean_kl(), record.top1_equal(), record.rows().size());
    }
    if (record.FirstDivergence(tolerances)) absl::StrAppend(&table, "  DIVERGES");
    table.push_back('\n');
    if (per_position) AppendRows(table, record);
  }
  const std::string bounds = absl::StrFormat("every row: relative at most %g, cosine at least %g",
                                             tolerances.max_relative, tolerances.min_cosine);
  if (const std::optional<Divergence> divergence = FirstDivergence(report, tolerances)) {
    const RowComparison& row = report[divergence->record].rows()[divergence->row];
    absl::StrAppendFormat(&table, "first divergence: %s: relative %.3e, cosine %.6f (%s)\n", Where(report, *divergence),
                          row.relative, row.cosine, bounds);
  } else {
    absl::StrAppendFormat(&table, "agree: %d values (%s)\n", report.size(), bounds);
  }
  return table;
}

JsonValue CrossvalJson(const CrossvalReport& report, const Tolerances& tolerances) {
  const std::optional<Divergence> divergence = FirstDivergence(report, tolerances);
  JsonValue::Object object;
  object.push_back({"agrees", JsonValue::Bool(!divergence.has_value())});
  object.push_back({"max_relative", JsonValue::Double(tolerances.max_relative)});
  object.push_back({"min_cosine", JsonValue::Double(tolerances.min_cosine)});
  if (divergence) {
    const RecordComparison& record = report[divergence->record];
    JsonValue::Object first;
    first.push_back({"name", JsonValue::String(record.id().Name())});
    if (record.id().layer) first.push_back({"layer", JsonValue::Int(*record.id().layer)});
    first.push_back({"op", JsonValue::String(record.id().op)});
    first.push_back({"position", JsonValue::Int(record.rows()[divergence->row].position)});
    object.push_back({"first_divergence", JsonValue::MakeObject(std::move(first))});
  }
  JsonValue::Array records;
  for (const RecordComparison& record : report) records.push_back(RecordJson(record, tolerances));
  object.push_back({"records", JsonValue::MakeArray(std::move(records))});
  return JsonValue::MakeObject(std::move(object));
}

}  // namespace bitnet::xtask
