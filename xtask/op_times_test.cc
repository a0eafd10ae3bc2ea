#include "xtask/op_times.h"

#include <vector>

#include "bitnet/kernels/catalog/catalog.h"
#include "gtest/gtest.h"

namespace bitnet::xtask {
namespace {

TEST(OpTimes, DifferencesByOperationAndWhatIsLeft) {
  Recorder before;
  before.Record(KernelId::kI2sGemmScalar, {1, 512, 1000, 400}, 70);
  before.Record(KernelId::kPrefillForward, {1, 512, 0, 0}, 90);
  Recorder after = before;
  after.Record(KernelId::kI2sGemvScalar, {10, 10, 6000, 500}, 300);
  after.Record(KernelId::kI2sGemmScalar, {2, 6, 4000, 300}, 100);  // the same operation by another kernel
  after.Record(KernelId::kRmsNormF32Scalar, {4, 4, 0, 0}, 450);
  after.Record(KernelId::kArgmaxF32Scalar, {1, 1, 0, 0}, 20);
  after.Record(KernelId::kDecodeForward, {10, 10, 0, 0}, 900);
  const std::vector<OpTime> ops = OpTimes(before, after, 1000);
  ASSERT_EQ(ops.size(), 5u);
  EXPECT_EQ(ops[0].op, "rms_norm");
  EXPECT_EQ(ops[0].gbps(), 0);
  EXPECT_EQ(ops[0].intensity(), 0);
  EXPECT_EQ(ops[1].op, "i2s_gemv");
  EXPECT_EQ(ops[1].calls, 12u);
  EXPECT_EQ(ops[1].ns, 400u);
  EXPECT_EQ(ops[1].gbps(), 2);
  EXPECT_EQ(ops[1].gops(), 50);
  EXPECT_EQ(ops[1].intensity(), 25);
  EXPECT_EQ(ops[2].op, "argmax");
  EXPECT_EQ(ops[3].op, kPassRest);
  EXPECT_EQ(ops[3].ns, 50u);
  EXPECT_EQ(ops[4].op, kBetweenPasses);
  EXPECT_EQ(ops[4].ns, 80u);
  uint64_t sum = 0;
  for (const OpTime& op : ops) sum += op.ns;
  EXPECT_EQ(sum, 1000u);
}

TEST(OpTimes, NothingRan) {
  const std::vector<OpTime> ops = OpTimes(Recorder(), Recorder(), 5);
  ASSERT_EQ(ops.size(), 2u);
  EXPECT_EQ(ops[0].ns, 0u);
  EXPECT_EQ(ops[1].ns, 5u);
}

}  // namespace
}  // namespace bitnet::xtask
