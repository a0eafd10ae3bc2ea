#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

CheckStatus StatusOf(uint64_t cpu_ns, uint64_t cores, uint64_t threads, const Policy& policy = {}) {
  Receipt receipt = HonestReceipt(HonestRun{});
  auto& evidence = *receipt.mutable_evidence();
  evidence.mutable_timing()->set_wall_ns(7'000'000'000);
  evidence.mutable_timing()->set_cpu_ns(cpu_ns);
  evidence.mutable_host()->set_cores(cores);
  evidence.mutable_host()->set_threads(threads);
  return RunCheck(CheckCpuTime, receipt, policy).status;
}

// wall x 2 x 1.02 + 10 ms
TEST(L1CpuTimeTest, UpperBound) {
  EXPECT_EQ(StatusOf(14'290'000'000, 2, 2), CheckStatus::kPass);
  EXPECT_EQ(StatusOf(14'290'000'001, 2, 2), CheckStatus::kFail);
  EXPECT_EQ(StatusOf(14'290'000'001, 4, 2), CheckStatus::kFail);  // more cores do not help two threads
  EXPECT_EQ(StatusOf(14'290'000'001, 2, 4), CheckStatus::kFail);  // nor more threads two cores
  EXPECT_EQ(StatusOf(14'290'000'001, 3, 3), CheckStatus::kPass);
}

// 1 405 139 681 280 MACs: 639 x ternary, 128 x head, attention.
TEST(L1CpuTimeTest, LowerBoundIsThePolicys) {
  EXPECT_EQ(StatusOf(1'405'139'682, 8, 8), CheckStatus::kPass);
  EXPECT_EQ(StatusOf(1'405'139'681, 8, 8), CheckStatus::kFail);
  Policy slower;
  slower.peak_macs_per_core_ns = 100;
  EXPECT_EQ(StatusOf(14'051'396'813, 8, 8, slower), CheckStatus::kPass);
  EXPECT_EQ(StatusOf(14'051'396'812, 8, 8, slower), CheckStatus::kFail);
}

TEST(L1CpuTimeTest, NoThreadsComputeNothing) {
  EXPECT_EQ(StatusOf(5'000'000'000, 0, 8), CheckStatus::kFail);
  EXPECT_EQ(StatusOf(5'000'000'000, 8, 0), CheckStatus::kFail);
}

}  // namespace
}  // namespace bitnet::verify
