#include "bitnet/kernels/recorder.h"

#include <vector>

#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

TEST(Recorder, StartsEmpty) {
  const Recorder recorder;
  for (const KernelInfo& kernel : KernelTable()) {
    EXPECT_EQ(recorder.record(kernel.kernel).work, WorkCount{}) << kernel.id;
    EXPECT_EQ(recorder.record(kernel.kernel).ns, 0) << kernel.id;
  }
  EXPECT_TRUE(recorder.schedule().empty());
}

TEST(Recorder, AddsUpPerKernel) {
  Recorder recorder;
  recorder.Record(KernelId::kI2sGemvAvx2, {1, 1, 100, 25}, 7);
  recorder.Record(KernelId::kI2sGemvAvx2, {1, 1, 300, 75}, 8);
  recorder.Record(KernelId::kRopeF32Scalar, RowWork(5), 1);
  EXPECT_EQ(recorder.record(KernelId::kI2sGemvAvx2).work, (WorkCount{2, 2, 400, 100}));
  EXPECT_EQ(recorder.record(KernelId::kI2sGemvAvx2).ns, 15);
  EXPECT_EQ(recorder.record(KernelId::kRopeF32Scalar).work, (WorkCount{1, 5, 0, 0}));
  EXPECT_EQ(recorder.record(KernelId::kI2sGemvScalar).work, WorkCount{});
}

TEST(Recorder, MergesEqualConsecutiveStepsOnly) {
  Recorder recorder;
  recorder.RecordStep(StepKind::kPrefill, 32, 0);
  recorder.RecordStep(StepKind::kPrefill, 32, 0);
  recorder.RecordStep(StepKind::kPrefill, 32, 1);  // other logit rows
  recorder.RecordStep(StepKind::kPrefill, 1, 1);   // other rows
  recorder.RecordStep(StepKind::kDecode, 1, 1);    // other kind
  recorder.RecordStep(StepKind::kDecode, 1, 1);
  recorder.RecordStep(StepKind::kPrefill, 32, 0);  // as the first, but not next to it
  EXPECT_EQ(recorder.schedule(), (std::vector<ScheduleEntry>{{StepKind::kPrefill, 2, 32, 0},
                                                             {StepKind::kPrefill, 1, 32, 1},
                                                             {StepKind::kPrefill, 1, 1, 1},
                                                             {StepKind::kDecode, 2, 1, 1},
                                                             {StepKind::kPrefill, 1, 32, 0}}));
}

TEST(Recorder, RejectedRowsAreOfTheLastStepOnly) {
  Recorder recorder;
  const auto draft = [&](uint64_t rejected) {
    recorder.RecordStep(StepKind::kDecode, 4, 4);
    if (rejected > 0) recorder.RejectRows(rejected);
  };
  draft(0);
  draft(0);
  draft(3);
  draft(3);
  draft(1);
  draft(0);
  EXPECT_EQ(recorder.schedule(), (std::vector<ScheduleEntry>{{StepKind::kDecode, 2, 4, 4},
                                                             {StepKind::kDecode, 2, 4, 4, 3},
                                                             {StepKind::kDecode, 1, 4, 4, 1},
                                                             {StepKind::kDecode, 1, 4, 4}}));
}

TEST(Recorder, RestoringForgetsWhatRanSince) {
  Recorder recorder;
  recorder.Record(KernelId::kRopeF32Scalar, RowWork(5), 1);
  const Recorder::Records before = recorder.records();
  recorder.Record(KernelId::kRopeF32Scalar, RowWork(5), 1);
  recorder.Record(KernelId::kSampleF32Scalar, RowWork(1), 3);
  recorder.Restore(before);
  EXPECT_EQ(recorder.record(KernelId::kRopeF32Scalar).work, RowWork(5));
  EXPECT_EQ(recorder.record(KernelId::kRopeF32Scalar).ns, 1);
  EXPECT_EQ(recorder.record(KernelId::kSampleF32Scalar).work, WorkCount{});
}

TEST(Recorder, ResetForgetsEverything) {
  Recorder recorder;
  recorder.Record(KernelId::kSampleF32Scalar, RowWork(1), 3);
  recorder.RecordStep(StepKind::kDecode, 1, 1);
  recorder.Reset();
  EXPECT_EQ(recorder.record(KernelId::kSampleF32Scalar).work, WorkCount{});
  EXPECT_EQ(recorder.record(KernelId::kSampleF32Scalar).ns, 0);
  EXPECT_TRUE(recorder.schedule().empty());
}

}  // namespace
}  // namespace bitnet
