// Which kernels Argmax and Sample run for which instruction sets, and that the recorder has exactly that.

#include <cmath>
#include <string_view>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/recorder.h"
#include "bitnet/kernels/sample/sample.h"
#include "bitnet/sampling/sampler.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

struct Selection {
  Isa isa;
  std::string_view argmax;
};
constexpr Selection kSelections[] = {
    {Isa::kScalar, "argmax_f32_scalar"},
    {Isa::kAvx2, "argmax_f32_avx2"},
    {Isa::kAvx512, "argmax_f32_avx512"},
    {Isa::kAvx512Vnni, "argmax_f32_avx512"},
};
constexpr std::string_view kSample = "sample_f32_scalar";

TEST(SampleDispatch, SelectsByName) {
  for (const Selection& selection : kSelections) {
    EXPECT_EQ(GetKernel(SelectKernel(Op::kArgmax, 1, IsaClosure(selection.isa))).id, selection.argmax);
    EXPECT_EQ(GetKernel(SelectKernel(Op::kSample, 1, IsaClosure(selection.isa))).id, kSample);
  }
}

TEST(SampleDispatch, RecordsExactlyTheKernelsThatRan) {
  std::vector<float> logits(5000, 0.0f);
  logits[4321] = 30;  // also what any draw gives: the rest has 5000 e^-30 of the mass
  for (const Selection& selection : kSelections) {
    if (!DetectIsaSet().Has(selection.isa)) {
      GTEST_LOG_(INFO) << "not run: " << selection.argmax << ", this CPU has no " << IsaName(selection.isa);
      continue;
    }
    for (int threads : {1, 2, 3, 5}) {
      ThreadPool pool(threads);
      Recorder recorder;
      KernelContext ctx{pool, recorder, IsaClosure(selection.isa)};
      EXPECT_EQ(Argmax(ctx, logits), 4321);
      EXPECT_EQ(Argmax(ctx, logits), 4321);
      EXPECT_EQ(Sample(ctx, Sampler({.temperature = 1}), logits, {}, 7), 4321);
      for (const KernelInfo& info : KernelTable()) {
        WorkCount expected;
        if (info.id == selection.argmax) expected = {2, 2, 0, 0};
        if (info.id == kSample) expected = RowWork(1);
        EXPECT_EQ(recorder.record(info.kernel).work, expected) << info.id;
      }
    }
  }
}

TEST(SampleDispatchDeath, ArgmaxRefusesNan) {
  ThreadPool pool(1);
  Recorder recorder;
  KernelContext ctx{pool, recorder, DetectIsaSet()};
  EXPECT_DEATH(Argmax(ctx, std::vector<float>{1, std::nanf(""), 2}), "a logit is NaN");
}

}  // namespace
}  // namespace bitnet
