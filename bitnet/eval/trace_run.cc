#include "bitnet/eval/trace_run.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bitnet/base/status_macros.h"

namespace bitnet {
namespace {

class WritingTap : public ActivationTap {
 public:
  WritingTap(const TapPointSet& points, Range layers, Range positions, RecordSink& sink)
      : points_(points), layers_(layers), positions_(positions), sink_(sink) {}

  void OnValues(const TapValues& shown) override {
    if (!points_[static_cast<size_t>(shown.point)] || !status_.ok()) return;
    if (InfoOf(shown.point).per_layer && !layers_.Has(shown.layer)) return;
    const int64_t begin = std::max(shown.first_position, positions_.first);
    const int64_t end = std::min(shown.first_position + shown.rows, positions_.last + 1);
    if (begin < end) status_ = Write(shown, begin, end);
  }

  const absl::Status& status() const { return status_; }
  bool wrote() const { return !records_.empty(); }

 private:
  absl::Status Write(const TapValues& shown, int64_t begin, int64_t end) {
    const size_t width = shown.values.size() / static_cast<size_t>(shown.rows);
    const auto key = std::pair(shown.point, shown.layer);
    auto found = records_.find(key);
    if (found == records_.end()) {
      RecordId id{.op = std::string(InfoOf(shown.point).name)};
      if (InfoOf(shown.point).per_layer) id.layer = shown.layer;
      const uint64_t rows = static_cast<uint64_t>(positions_.last - positions_.first + 1);
      BITNET_ASSIGN_OR_RETURN(const size_t record, sink_.Add(id, positions_.first, rows, width));
      found = records_.emplace(key, record).first;
    }
    const size_t skip = static_cast<size_t>(begin - shown.first_position) * width;
    return sink_.Append(found->second, shown.values.subspan(skip, static_cast<size_t>(end - begin) * width));
  }

  const TapPointSet points_;
  const Range layers_;
  const Range positions_;
  RecordSink& sink_;
  std::map<std::pair<TapPoint, int64_t>, size_t> records_;
  absl::Status status_;
};

absl::StatusOr<Range> Within(const std::optional<Range>& range, int64_t count, std::string_view what) {
  const Range all{0, count - 1};
  if (!range) return all;
  if (range->first >= 0 && range->last <= all.last) return *range;
  return absl::InvalidArgumentError(
      absl::StrCat(what, ": expected a range within 0-", all.last, ", got ", range->first, "-", range->last));
}

absl::Status Feed(Session& session, std::span<const TokenId> ids, const TapPointSet& points, Range positions,
                  const std::atomic<bool>* cancelled) {
  const size_t begin = static_cast<size_t>(positions.first), end = static_cast<size_t>(positions.last) + 1;
  const bool logits =
      points[static_cast<size_t>(TapPoint::kLogits)] || points[static_cast<size_t>(TapPoint::kOutputNorm)];
  if (!logits) return session.Prefill(ids.first(end), cancelled);
  if (begin > 0) BITNET_RETURN_IF_ERROR(session.Prefill(ids.first(begin), cancelled));
  return session.Prefill(
      ids.subspan(begin, end - begin), [](std::span<const float>) {}, cancelled);
}

}  // namespace

absl::StatusOr<Range> ParseRange(std::string_view text) {
  const std::vector<std::string_view> parts = absl::StrSplit(text, '-');
  Range range;
  const bool numbers =
      parts.size() <= 2 && absl::SimpleAtoi(parts.front(), &range.first) && absl::SimpleAtoi(parts.back(), &range.last);
  if (numbers && range.first <= range.last) return range;
  return absl::InvalidArgumentError(
      absl::StrCat("range: expected A-B with A not above B, or A, got \"", absl::CHexEscape(text), "\""));
}

absl::StatusOr<TapPointSet> ParseTapPoints(std::string_view text) {
  TapPointSet points;
  if (text == "all") return points.set();
  if (text == "layers") text = "embed,layer_output,logits";
  for (const std::string_view name : absl::StrSplit(text, ',')) {
    const std::optional<TapPoint> point = FindTapPoint(name);
    if (!point) {
      std::string known;
      for (const TapPointInfo& info : kTapPoints) absl::StrAppend(&known, ", ", info.name);
      return absl::InvalidArgumentError(
          absl::StrCat("no value \"", absl::CHexEscape(name), "\"; there are all, layers", known));
    }
    points.set(static_cast<size_t>(*point));
  }
  return points;
}

absl::Status TraceRun(Session& session, std::span<const TokenId> ids, const TraceSelection& selection, RecordSink& sink,
                      const std::atomic<bool>* cancelled) {
  if (ids.empty()) return absl::InvalidArgumentError("no token to feed: a trace needs at least one");
  const auto layers = static_cast<int64_t>(session.model().config.shape.layers);
  BITNET_ASSIGN_OR_RETURN(const Range layer_range, Within(selection.layers, layers, "layers"));
  BITNET_ASSIGN_OR_RETURN(const Range positions,
                          Within(selection.positions, static_cast<int64_t>(ids.size()), "positions"));
  WritingTap tap(selection.points, layer_range, positions, sink);
  session.SetTap(&tap);
  const absl::Status fed = Feed(session, ids, selection.points, positions, cancelled);
  session.SetTap(nullptr);
  BITNET_RETURN_IF_ERROR(fed);
  BITNET_RETURN_IF_ERROR(tap.status());
  if (tap.wrote()) return absl::OkStatus();
  return absl::InvalidArgumentError("this model makes none of the chosen values");
}

}  // namespace bitnet
