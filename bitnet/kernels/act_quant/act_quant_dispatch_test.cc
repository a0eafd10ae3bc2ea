// Which kernel runs for which instruction sets, by name, and what the recorder gets.

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/act_quant/act_quant.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/recorder.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

struct Row {
  Isa isa;
  std::string_view kernel;
};

constexpr Row kRows[] = {
    {Isa::kScalar, "act_quant_i8_scalar"},     {Isa::kAvx2, "act_quant_i8_avx2"},
    {Isa::kAvxVnni, "act_quant_i8_avx2"},      {Isa::kAvx512, "act_quant_i8_avx512"},
    {Isa::kAvx512Vnni, "act_quant_i8_avx512"}, {Isa::kAmxInt8, "act_quant_i8_avx512"},
    {Isa::kNeon, "act_quant_i8_scalar"},
};

TEST(ActQuantDispatchTest, KernelsByName) {
  for (const Row& row : kRows) {
    for (int64_t rows : {1, 2, 512}) {
      EXPECT_EQ(GetKernel(SelectKernel(Op::kActQuant, rows, IsaClosure(row.isa))).id, row.kernel) << IsaName(row.isa);
    }
  }
}

TEST(ActQuantDispatchTest, RecordsExactWorkWhateverTheThreads) {
  const std::vector<float> x(6 * 20, 1.5f);
  std::vector<int8_t> q(x.size());
  std::vector<float> scale(6);
  std::vector<int32_t> sum(6);
  for (const Row& row : kRows) {
    if (!DetectIsaSet().ContainsAll(IsaClosure(row.isa))) continue;
    for (int threads : {1, 2, 3, 5}) {
      ThreadPool pool(threads);
      Recorder recorder;
      KernelContext ctx{pool, recorder, IsaClosure(row.isa)};
      for (int64_t rows : {1, 6, 2}) {
        ASSERT_TRUE(ActQuant(ctx, {x.data(), q.data(), scale.data(), sum.data(), rows, 20}).ok());
      }
      for (const KernelInfo& info : KernelTable()) {
        const WorkCount expected = info.id == row.kernel ? WorkCount{3, 9, 0, 0} : WorkCount{};
        EXPECT_EQ(recorder.record(info.kernel).work, expected) << info.id << ", " << threads << " threads";
      }
    }
  }
}

TEST(ActQuantDispatch, RefusesWhatIsNotFinite) {
  ThreadPool pool(1);
  Recorder recorder;
  KernelContext ctx{pool, recorder, DetectIsaSet()};
  for (float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    std::vector<float> x(60, 1.0f);
    x[31] = bad;
    std::vector<int8_t> q(60);
    float scale[3];
    int32_t sum[3];
    const absl::Status status = ActQuant(ctx, {x.data(), q.data(), scale, sum, 3, 20});
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_NE(status.message().find("token row 1 of 3"), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace bitnet
