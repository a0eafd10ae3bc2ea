// Which kernel EmbeddingLookup runs for which instruction sets, and that the recorder has exactly that.

#include <string_view>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/embed/embed.h"
#include "bitnet/kernels/embed/embed_args.h"
#include "bitnet/kernels/recorder.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr int64_t kDim = 2560;

struct Selection {
  Isa isa;
  std::string_view kernel;
};
constexpr Selection kSelections[] = {
    {Isa::kScalar, "embed_f16_scalar"},
    {Isa::kAvx2, "embed_f16_avx2"},
    {Isa::kAvx512, "embed_f16_avx512"},
    {Isa::kAvx512Vnni, "embed_f16_avx512"},
};

// Runs `rows` rows and returns the output; `recorder` sees the call.
std::vector<float> RunOnce(Isa isa, int threads, int64_t rows, Recorder& recorder) {
  constexpr int64_t kVocab = 50;
  std::vector<F16> table(kVocab * kDim);
  for (int64_t i = 0; i < kVocab * kDim; ++i) table[i] = static_cast<F16>(i % 31744);  // below infinity
  std::vector<int32_t> ids(rows);
  for (int64_t r = 0; r < rows; ++r) ids[r] = static_cast<int32_t>(r * 17 % kVocab);
  std::vector<float> out(rows * kDim);
  ThreadPool pool(threads);
  KernelContext ctx{pool, recorder, IsaClosure(isa)};
  EmbeddingLookup(ctx, {table.data(), kVocab, kDim, ids.data(), rows, out.data()});
  return out;
}

TEST(EmbeddingLookupDispatch, SelectsByName) {
  for (const Selection& selection : kSelections) {
    for (int64_t rows : {1, 2, 512}) {
      EXPECT_EQ(GetKernel(SelectKernel(Op::kEmbeddingLookup, rows, IsaClosure(selection.isa))).id, selection.kernel);
    }
  }
}

TEST(EmbeddingLookupDispatch, RecordsExactlyTheKernelThatRanAndItsWork) {
  for (const Selection& selection : kSelections) {
    if (!DetectIsaSet().Has(selection.isa)) {
      GTEST_LOG_(INFO) << "not run: " << selection.kernel << ", this CPU has no " << IsaName(selection.isa);
      continue;
    }
    for (int threads : {1, 2, 3, 5}) {
      for (int64_t rows : {1, 2, 33}) {
        Recorder recorder;
        RunOnce(selection.isa, threads, rows, recorder);
        for (const KernelInfo& info : KernelTable()) {
          const WorkCount expected = info.id == selection.kernel ? EmbeddingWork(rows, kDim) : WorkCount{};
          EXPECT_EQ(recorder.record(info.kernel).work, expected) << info.id << " rows " << rows;
        }
      }
    }
  }
}

TEST(EmbeddingLookupDispatch, AnswerDoesNotDependOnThreadsOrInstructionSet) {
  Recorder recorder;
  const std::vector<float> expected = RunOnce(Isa::kScalar, 1, 33, recorder);
  for (const Selection& selection : kSelections) {
    if (!DetectIsaSet().Has(selection.isa)) continue;
    for (int threads : {1, 2, 3, 5}) {
      EXPECT_EQ(RunOnce(selection.isa, threads, 33, recorder), expected) << selection.kernel << " threads " << threads;
    }
  }
}

TEST(EmbeddingLookupDispatchDeath, RefusesIdsOutsideTheVocabulary) {
  ThreadPool pool(1);
  Recorder recorder;
  KernelContext ctx{pool, recorder, IsaClosure(Isa::kScalar)};
  const std::vector<F16> table(8);
  std::vector<float> out(4);
  for (int32_t id : {-1, 2}) {
    EXPECT_DEATH(EmbeddingLookup(ctx, {table.data(), 2, 4, &id, 1, out.data()}), "outside the vocabulary of 2");
  }
}

}  // namespace
}  // namespace bitnet
