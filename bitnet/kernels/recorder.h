// Recorder: what ran. Receipts are serialised from it and from nothing else.

#ifndef BITNET_KERNELS_RECORDER_H_
#define BITNET_KERNELS_RECORDER_H_

#include <array>
#include <cstdint>
#include <vector>

#include "bitnet/kernels/catalog/work.h"

namespace bitnet {

struct KernelRecord {
  WorkCount work;
  uint64_t ns = 0;  // wall time inside calls; a span's time includes the kernels inside it
};

// One per session, used from the session's thread only. There is no way in for a name: kernels are recorded by
// KernelId, by the dispatcher that called them.
class Recorder {
 public:
  void Record(KernelId kernel, const WorkCount& work, uint64_t ns) {
    KernelRecord& record = records_[static_cast<int>(kernel)];
    record.work += work;
    record.ns += ns;
  }

  // A forward pass that ran to its end. Equal consecutive steps are stored as one entry.
  void RecordStep(StepKind kind, uint64_t rows, uint64_t logit_rows);
  // Of the last step, `rows` rows were drafts that were not kept: 1 <= rows < those of the step. Once a step.
  void RejectRows(uint64_t rows);

  // What is recorded of kernels, to be put back when a pass fails: a pass that did not end leaves no record.
  using Records = std::array<KernelRecord, kKernelCount>;
  const Records& records() const { return records_; }
  void Restore(const Records& records) { records_ = records; }

  const KernelRecord& record(KernelId kernel) const { return records_[static_cast<int>(kernel)]; }
  const std::vector<ScheduleEntry>& schedule() const { return schedule_; }

  // How logits were computed, for ExpectedWork.
  HeadScreening Screening(const ArchShape& arch, IsaSet isa) const {
    return ScreeningOf(arch, schedule_, record(SelectKernel(Op::kLogitsScreening, 1, isa)).work.calls,
                       record(SelectKernel(Op::kLogitsProjection, 1, isa)).work.macs);
  }

  void Reset();

 private:
  // Adds one step, to the last entry when that is of equal steps.
  void Push(ScheduleEntry step);

  Records records_ = {};
  std::vector<ScheduleEntry> schedule_;
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_RECORDER_H_
