#include "bitnet/kernels/recorder.h"

#include "absl/log/check.h"

namespace bitnet {

void Recorder::Push(ScheduleEntry step) {
  if (!schedule_.empty()) {
    ScheduleEntry& last = schedule_.back();
    step.steps = last.steps;
    if (last == step) {
      ++last.steps;
      return;
    }
  }
  step.steps = 1;
  schedule_.push_back(step);
}

void Recorder::RecordStep(StepKind kind, uint64_t rows, uint64_t logit_rows) { Push({kind, 1, rows, logit_rows}); }

void Recorder::RejectRows(uint64_t rows) {
  CHECK(!schedule_.empty());
  ScheduleEntry step = schedule_.back();
  CHECK(step.rejected_rows == 0 && rows >= 1 && rows < step.rows);
  if (--schedule_.back().steps == 0) schedule_.pop_back();
  step.rejected_rows = rows;
  Push(step);
}

void Recorder::Reset() {
  records_ = {};
  schedule_.clear();
}

}  // namespace bitnet
