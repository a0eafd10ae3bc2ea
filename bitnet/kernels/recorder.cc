#include "bitnet/kernels/recorder.h"

namespace bitnet {

void Recorder::RecordStep(StepKind kind, uint64_t rows, uint64_t logit_rows) {
  if (!schedule_.empty()) {
    ScheduleEntry& last = schedule_.back();
    if (last.kind == kind && last.rows == rows && last.logit_rows == logit_rows) {
      ++last.steps;
      return;
    }
  }
  schedule_.push_back({kind, 1, rows, logit_rows});
}

void Recorder::Reset() {
  records_ = {};
  schedule_.clear();
}

}  // namespace bitnet
