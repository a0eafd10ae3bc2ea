// Which kernel runs for which instruction sets and rows, by name, and what the recorder gets.

#include <cstdint>
#include <string_view>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/recorder.h"
#include "bitnet/kernels/ternary_matmul/ternary_matmul.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

struct Row {
  Isa isa;
  std::string_view gemv;
  std::string_view gemm;
};

constexpr Row kRows[] = {
    {Isa::kScalar, "i2s_gemv_scalar", "i2s_gemm_scalar"},
    {Isa::kAvx2, "i2s_gemv_avx2", "i2s_gemm_avx2"},
    {Isa::kAvxVnni, "i2s_gemv_avx2", "i2s_gemm_avxvnni"},
    {Isa::kAvx512, "i2s_gemv_avx2", "i2s_gemm_avx2"},
    {Isa::kAvx512Vnni, "i2s_gemv_avx512vnni", "i2s_gemm_avx512vnni"},
    {Isa::kAmxInt8, "i2s_gemv_avx512vnni", "i2s_gemm_avx512vnni"},
    {Isa::kNeon, "i2s_gemv_scalar", "i2s_gemm_scalar"},
};

TEST(TernaryMatmulDispatchTest, KernelsByName) {
  for (const Row& row : kRows) {
    const IsaSet isa = IsaClosure(row.isa);
    EXPECT_EQ(GetKernel(SelectKernel(Op::kTernaryMatmul, 1, isa)).id, row.gemv) << IsaName(row.isa);
    for (int64_t rows : {2, 3, 512}) {
      EXPECT_EQ(GetKernel(SelectKernel(Op::kTernaryMatmul, rows, isa)).id, row.gemm) << IsaName(row.isa);
    }
  }
}

TEST(TernaryMatmulDispatchTest, RecordsExactWorkWhateverTheThreads) {
  constexpr int64_t kM = 40;
  constexpr int64_t kK = 256;
  const std::vector<uint8_t> packed(kM * kK / 4, 0x55);
  const std::vector<int8_t> q(3 * kK, 1);
  const std::vector<float> act_scale(3, 1.0f);
  const std::vector<int32_t> act_sum(3, static_cast<int32_t>(kK));
  std::vector<float> y(3 * kM);
  for (const Row& row : kRows) {
    if (!DetectIsaSet().ContainsAll(IsaClosure(row.isa))) continue;
    for (int threads : {1, 2, 3, 5}) {
      ThreadPool pool(threads);
      Recorder recorder;
      KernelContext ctx{pool, recorder, IsaClosure(row.isa)};
      for (int64_t rows : {1, 3, 1}) {
        TernaryMatmul(ctx, {{packed, kM, kK, 0.5f}, q.data(), act_scale.data(), act_sum.data(), rows, y.data()});
      }
      for (const KernelInfo& info : KernelTable()) {
        WorkCount expected;
        if (info.id == row.gemv) expected = {2, 2, 2 * kM * kK, 2 * kM * kK / 4};
        if (info.id == row.gemm) expected = {1, 3, 3 * kM * kK, kM * kK / 4};
        EXPECT_EQ(recorder.record(info.kernel).work, expected) << info.id << ", " << threads << " threads";
      }
    }
  }
}

TEST(TernaryMatmulDispatchDeathTest, RefusesShapesThatCannotBe) {
  ThreadPool pool(1);
  Recorder recorder;
  KernelContext ctx{pool, recorder, IsaClosure(Isa::kScalar)};
  const std::vector<uint8_t> packed(64, 0x55);
  const std::vector<int8_t> q(192, 1);
  const float act_scale = 1;
  const int32_t act_sum = 0;
  float y[2];
  const auto run = [&](int64_t m, int64_t k, int64_t rows) {
    TernaryMatmul(ctx, {{packed, m, k, 0.5f}, q.data(), &act_scale, &act_sum, rows, y});
  };
  EXPECT_DEATH(run(1, 192, 1), "K = 192");
  EXPECT_DEATH(run(3, 128, 1), "packed");
  EXPECT_DEATH(run(2, 128, 0), "rows");
}

}  // namespace
}  // namespace bitnet
