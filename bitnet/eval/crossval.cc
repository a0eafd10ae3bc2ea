#include "bitnet/eval/crossval.h"

#include <algorithm>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/model/activation_tap.h"

namespace bitnet {
namespace {

// Sorts as a forward pass runs: embedding, layers, what follows them, then names that are not the engine's.
std::tuple<int64_t, size_t> ExecutionOrder(const RecordId& id) {
  constexpr int64_t kAfterLayers = std::numeric_limits<int64_t>::max() - 1;
  const std::optional<TapPoint> point = FindTapPoint(id.op);
  const size_t rank = point ? static_cast<size_t>(*point) : std::size(kTapPoints);
  if (id.layer) return {*id.layer, rank};
  if (!point) return {kAfterLayers + 1, rank};
  return {*point == TapPoint::kEmbed ? -1 : kAfterLayers, rank};
}

std::vector<const ArrayRecord*> InExecutionOrder(const ArraySet& set) {
  std::vector<const ArrayRecord*> records;
  for (const ArrayRecord& record : set.records()) records.push_back(&record);
  std::ranges::stable_sort(records, {}, [](const ArrayRecord* record) { return ExecutionOrder(record->id); });
  return records;
}

using RecordsByName = absl::flat_hash_map<std::string, const ArrayRecord*>;

RecordsByName ByName(const ArraySet& set) {
  RecordsByName records;
  for (const ArrayRecord& record : set.records()) records.emplace(record.id.Name(), &record);
  return records;
}

absl::Status Differ(const ArrayRecord& record, std::string_view what, std::string_view reference,
                    std::string_view candidate) {
  return absl::InvalidArgumentError(absl::StrCat(record.id.Name(), ": ", what, " differ: ", reference,
                                                 " in the reference, ", candidate, " in the candidate"));
}

absl::Status CheckAlike(const ArrayRecord& reference, int64_t first_position, uint64_t rows, uint64_t width) {
  const uint64_t a[] = {reference.rows, reference.width}, b[] = {rows, width};
  if (reference.rows != rows || reference.width != width) {
    return Differ(reference, "shapes", ShapeText(a), ShapeText(b));
  }
  if (reference.first_position == first_position) return absl::OkStatus();
  return Differ(reference, "first positions", absl::StrCat(reference.first_position), absl::StrCat(first_position));
}

absl::Status CheckIdsAlike(std::span<const TokenId> reference, std::span<const TokenId> candidate) {
  if (reference.empty() || candidate.empty() || std::ranges::equal(reference, candidate)) return absl::OkStatus();
  const auto [a, b] = std::ranges::mismatch(reference, candidate);
  return absl::InvalidArgumentError(absl::StrCat("reference and candidate were not fed the same ", reference.size(),
                                                 " and ", candidate.size(), " token ids: they differ from position ",
                                                 a - reference.begin(), " on"));
}

absl::StatusOr<RecordComparison> CompareRecords(const ArrayRecord& reference, const ArrayRecord& candidate) {
  BITNET_RETURN_IF_ERROR(CheckAlike(reference, candidate.first_position, candidate.rows, candidate.width));
  RecordComparison comparison(reference.id);
  std::vector<double> a(reference.width), b(reference.width);
  for (uint64_t row = 0; row < reference.rows; ++row) {
    CopyAsDouble(reference.data, row * reference.width, a);
    CopyAsDouble(candidate.data, row * reference.width, b);
    BITNET_RETURN_IF_ERROR(comparison.Add(reference.first_position + static_cast<int64_t>(row), a, b));
  }
  return comparison;
}

// One past the last position that a record has.
int64_t EndPosition(const ArraySet& set) {
  int64_t end = 0;
  for (const ArrayRecord& record : set.records()) {
    end = std::max(end, record.first_position + static_cast<int64_t>(record.rows));
  }
  return end;
}

// Compares what a pass shows with the reference's records, row by row.
class ComparingTap : public ActivationTap {
 public:
  explicit ComparingTap(std::span<const ArrayRecord* const> records) : records_(records) {
    for (const ArrayRecord* record : records_) report_.emplace_back(record->id);
  }

  void OnValues(const TapValues& shown) override {
    const TapPointInfo& info = InfoOf(shown.point);
    for (size_t i = 0; i < records_.size(); ++i) {
      const RecordId& id = records_[i]->id;
      if (id.op != info.name || id.layer.value_or(-1) != shown.layer || !status_.ok()) continue;
      status_ = Compare(*records_[i], shown, report_[i]);
    }
  }

  // Everything, or what was wrong.
  absl::StatusOr<CrossvalReport> Take() {
    BITNET_RETURN_IF_ERROR(status_);
    for (size_t i = 0; i < records_.size(); ++i) {
      if (report_[i].rows().size() == records_[i]->rows) continue;
      return absl::InvalidArgumentError(absl::StrCat(records_[i]->id.Name(), ": the reference has ", records_[i]->rows,
                                                     " rows of it, this model made ", report_[i].rows().size(),
                                                     "; xtask trace --help lists the values that there are"));
    }
    return std::move(report_);
  }

 private:
  static absl::Status Compare(const ArrayRecord& record, const TapValues& shown, RecordComparison& comparison) {
    const uint64_t width = shown.values.size() / static_cast<uint64_t>(shown.rows);
    BITNET_RETURN_IF_ERROR(CheckAlike(record, record.first_position, record.rows, width));
    std::vector<double> reference(width), candidate(width);
    for (int64_t row = 0; row < shown.rows; ++row) {
      const int64_t index = shown.first_position + row - record.first_position;
      if (index < 0 || index >= static_cast<int64_t>(record.rows)) continue;
      CopyAsDouble(record.data, static_cast<uint64_t>(index) * width, reference);
      const std::span<const float> values = shown.values.subspan(static_cast<size_t>(row) * width, width);
      std::copy(values.begin(), values.end(), candidate.begin());
      BITNET_RETURN_IF_ERROR(comparison.Add(shown.first_position + row, reference, candidate));
    }
    return absl::OkStatus();
  }

  std::span<const ArrayRecord* const> records_;
  CrossvalReport report_;
  absl::Status status_;
};

bool NeedsLogits(const ArraySet& set) {
  return set.Find({{}, "logits"}) != nullptr || set.Find({{}, "output_norm"}) != nullptr;
}

}  // namespace

absl::StatusOr<CrossvalReport> CompareSets(const ArraySet& reference, const ArraySet& candidate) {
  BITNET_RETURN_IF_ERROR(CheckIdsAlike(reference.ids(), candidate.ids()));
  // A header may list a hundred thousand records: a search for each would take their square.
  const RecordsByName known = ByName(reference), others = ByName(candidate);
  for (const ArrayRecord& record : candidate.records()) {
    if (known.contains(record.id.Name())) continue;
    return absl::InvalidArgumentError(absl::StrCat(record.id.Name(), ": only the candidate has it"));
  }
  CrossvalReport report;
  for (const ArrayRecord* record : InExecutionOrder(reference)) {
    const auto other = others.find(record->id.Name());
    if (other == others.end()) {
      return absl::InvalidArgumentError(absl::StrCat(record->id.Name(), ": only the reference has it"));
    }
    BITNET_ASSIGN_OR_RETURN(RecordComparison comparison, CompareRecords(*record, *other->second));
    report.push_back(std::move(comparison));
  }
  return report;
}

absl::StatusOr<CrossvalReport> CompareWithEngine(const ArraySet& reference, Session& session,
                                                 std::span<const TokenId> ids, const std::atomic<bool>* cancelled) {
  BITNET_RETURN_IF_ERROR(CheckIdsAlike(reference.ids(), ids));
  const size_t end = static_cast<size_t>(EndPosition(reference));
  // A trace of some positions only says the ids of all; without such a word there must be exactly enough.
  if (ids.size() < end || (ids.size() > end && reference.ids().empty())) {
    return absl::InvalidArgumentError(
        absl::StrCat("token ids: expected ", end, ", one for each position up to the reference's last, got ",
                     ids.size(), "; --continue-greedy takes missing ones from the reference's own logits"));
  }
  ids = ids.first(end);
  const std::vector<const ArrayRecord*> records = InExecutionOrder(reference);
  ComparingTap tap(records);
  session.SetTap(&tap);
  const absl::Status fed = NeedsLogits(reference) ? session.Prefill(
                                                        ids, [](std::span<const float>) {}, cancelled)
                                                  : session.Prefill(ids, cancelled);
  session.SetTap(nullptr);
  BITNET_RETURN_IF_ERROR(fed);
  return tap.Take();
}

absl::StatusOr<std::vector<TokenId>> ContinueGreedily(std::vector<TokenId> ids, const ArraySet& reference) {
  const ArrayRecord* logits = reference.Find({{}, "logits"});
  const int64_t end = EndPosition(reference);
  while (static_cast<int64_t>(ids.size()) < end) {
    const int64_t row = static_cast<int64_t>(ids.size()) - 1 - (logits == nullptr ? 0 : logits->first_position);
    if (logits == nullptr || row < 0 || row >= static_cast<int64_t>(logits->rows)) {
      return absl::InvalidArgumentError(absl::StrCat("the reference has no logits of position ",
                                                     static_cast<int64_t>(ids.size()) - 1,
                                                     ", which would choose the next token; give more ids"));
    }
    std::vector<double> values(logits->width);
    CopyAsDouble(logits->data, static_cast<uint64_t>(row) * logits->width, values);
    ids.push_back(static_cast<TokenId>(std::ranges::max_element(values) - values.begin()));
  }
  return ids;
}

std::optional<Divergence> FirstDivergence(const CrossvalReport& report, const Tolerances& tolerances) {
  for (size_t i = 0; i < report.size(); ++i) {
    if (const auto row = report[i].FirstDivergence(tolerances)) return Divergence{i, *row};
  }
  return std::nullopt;
}

}  // namespace bitnet
