#include "verify/testing/honest_schedule.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "bitnet/kernels/catalog/draft_account.h"

namespace bitnet::verify {
namespace {

using receipt::Evidence;

// Decode passes, merged as a schedule has them.
class DecodePasses {
 public:
  explicit DecodePasses(uint64_t max_draft) : account_(max_draft) {}

  uint64_t draft_limit() const { return account_.Limit(); }
  uint64_t kept_rows() const { return kept_rows_; }

  void Add(uint64_t passes, uint64_t rows, uint64_t rejected) {
    if (passes == 0) return;
    const ScheduleEntry entry{StepKind::kDecode, passes, rows, rows, rejected};
    if (!schedule_.empty() && schedule_.back().rows == rows && schedule_.back().rejected_rows == rejected) {
      schedule_.back().steps += passes;
    } else {
      schedule_.push_back(entry);
    }
    account_.OnPasses(passes, rows, entry.kept_rows());
    kept_rows_ += passes * entry.kept_rows();
  }

  std::vector<ScheduleEntry> Take() && { return std::move(schedule_); }

 private:
  DraftAccount account_;
  uint64_t kept_rows_ = 0;
  std::vector<ScheduleEntry> schedule_;
};

}  // namespace

std::vector<ScheduleEntry> HonestPrefill(const HonestRun& run) {
  const uint64_t rows = run.prompt - run.kv_reused;
  const uint64_t chunk = std::min(run.chunk, rows);
  const uint64_t last = rows % chunk == 0 ? chunk : rows % chunk;
  const uint64_t full_steps = (rows - last) / chunk;
  const uint64_t full_logits = run.all_prefill_logits ? chunk : 0;
  const uint64_t last_logits = run.all_prefill_logits ? last : 1;
  if (full_steps > 0 && chunk == last && full_logits == last_logits) {
    return {{StepKind::kPrefill, full_steps + 1, chunk, full_logits}};
  }
  std::vector<ScheduleEntry> schedule;
  if (full_steps > 0) schedule.push_back({StepKind::kPrefill, full_steps, chunk, full_logits});
  schedule.push_back({StepKind::kPrefill, 1, last, last_logits});
  return schedule;
}

std::vector<ScheduleEntry> HonestDecode(const HonestRun& run) {
  if (run.generated < 2) return {};
  const uint64_t tokens = run.generated - 1;  // the first is chosen by what prefill computed
  const uint64_t not_generated = run.requested > run.generated ? run.requested - run.generated : 0;
  DecodePasses passes(run.draft);
  const auto left = [&] { return tokens - passes.kept_rows(); };
  while (passes.draft_limit() > 0 && left() > tokens / 2 && left() > passes.draft_limit()) {
    passes.Add(1, passes.draft_limit() + 1, 0);
  }
  // No pass drafts more tokens than are asked for after its first.
  const bool drafted = passes.kept_rows() > 0;
  if (drafted && not_generated > 0) passes.Add(left() - std::min<uint64_t>(left(), 1), 1, 0);
  const uint64_t wrong = left() == 0 ? 0 : std::min(passes.draft_limit(), left() - 1 + not_generated);
  if (drafted && wrong > 0) passes.Add(1, wrong + 1, wrong);
  passes.Add(left(), 1, 0);
  return std::move(passes).Take();
}

void FillSchedule(std::span<const ScheduleEntry> schedule, Evidence& evidence) {
  for (const ScheduleEntry& entry : schedule) {
    Evidence::ScheduleEntry& out = *evidence.add_schedule();
    out.set_kind(entry.kind == StepKind::kPrefill ? "prefill" : "decode");
    out.set_steps(entry.steps);
    out.set_rows(entry.rows);
    out.set_logit_rows(entry.logit_rows);
    if (entry.rejected_rows > 0) out.set_rejected_rows(entry.rejected_rows);
  }
}

void FillSpeculation(const HonestRun& run, std::span<const ScheduleEntry> decode, Evidence& evidence) {
  uint64_t drafted = 0;
  uint64_t rejected = 0;
  for (const ScheduleEntry& entry : decode) {
    drafted += entry.steps * (entry.rows - 1);
    rejected += entry.steps * entry.rejected_rows;
  }
  if (drafted == 0) return;
  evidence.add_crit("speculation");
  Evidence::Speculation& speculation = *evidence.mutable_speculation();
  speculation.set_method("prompt_lookup");
  speculation.set_max_draft(run.draft);
  speculation.set_drafted(drafted);
  speculation.set_accepted(drafted - rejected);
}

}  // namespace bitnet::verify
