#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

// 20 ms of wall time: short enough for the absolute slack of 2 ms to matter.
Receipt ShortRun() {
  Receipt receipt = HonestReceipt(HonestRun{});
  auto& timing = *receipt.mutable_evidence()->mutable_timing();
  timing.set_wall_ns(20'000'000);
  timing.set_cpu_ns(19'000'000);
  auto& end = *timing.mutable_clock()->mutable_end();
  end.set_monotonic_raw_ns(20'000'000);
  end.set_boottime_ns(20'000'000);
  end.set_realtime_ns(20'000'000);
  end.set_process_cpu_ns(19'000'000);
  end.set_tsc(52'000'000);
  return receipt;
}

receipt::Evidence::ClockTuple& End(Receipt& receipt) {
  return *receipt.mutable_evidence()->mutable_timing()->mutable_clock()->mutable_end();
}

TEST(L1ClockTest, ShortRunsMayDifferByAReading) {
  Receipt receipt = ShortRun();
  EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kPass);
  for (const int64_t off : {-2'000'000, 2'000'000}) {
    End(receipt).set_realtime_ns(20'000'000 + off);
    EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kPass) << off;
    End(receipt).set_realtime_ns(20'000'000 + off + (off > 0 ? 1 : -1));
    EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kFail) << off;
  }
}

TEST(L1ClockTest, LongRunsMayDifferByAThousandth) {
  Receipt receipt = HonestReceipt(HonestRun{});
  const uint64_t wall = receipt.evidence().timing().wall_ns();
  End(receipt).set_boottime_ns(wall + wall / 1000);
  EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kPass);
  End(receipt).set_boottime_ns(wall + wall / 1000 + 1);
  EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kFail);
}

TEST(L1ClockTest, OnlyDifferencesCount) {
  Receipt receipt = ShortRun();
  auto& clock = *receipt.mutable_evidence()->mutable_timing()->mutable_clock();
  clock.mutable_start()->set_boottime_ns(1'000'000'000'007);
  clock.mutable_end()->set_boottime_ns(1'000'020'000'007);
  EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kPass);
}

TEST(L1ClockTest, ATimeStampCounterTicksAt100MHzTo10GHz) {
  Receipt receipt = ShortRun();
  for (const auto& [ticks, status] :
       {std::pair(1'999'999, CheckStatus::kFail), std::pair(2'000'000, CheckStatus::kPass),
        std::pair(200'000'000, CheckStatus::kPass), std::pair(200'000'001, CheckStatus::kFail)}) {
    End(receipt).set_tsc(ticks);
    const CheckResult result = RunCheck(CheckClock, receipt);
    EXPECT_EQ(result.status, status) << ticks;
    if (status == CheckStatus::kFail) {
      EXPECT_NE(result.reason.find("expected 0.1 to 10 a ns"), std::string::npos) << result.reason;
    }
  }
}

TEST(L1ClockTest, TheResolutionIsAtMostAMillisecond) {
  Receipt receipt = HonestReceipt(HonestRun{});
  auto& clock = *receipt.mutable_evidence()->mutable_timing()->mutable_clock();
  clock.set_resolution_ns(1'000'000);
  EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kPass);
  clock.set_resolution_ns(1'000'001);
  EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kFail);
  clock.set_resolution_ns(0);
  EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kFail);
}

TEST(L1ClockTest, WallAndCpuTimeAreWhatTheirClocksWent) {
  Receipt receipt = ShortRun();
  receipt.mutable_evidence()->mutable_timing()->set_wall_ns(20'000'001);
  EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kFail);
  receipt = ShortRun();
  receipt.mutable_evidence()->mutable_timing()->set_cpu_ns(19'000'001);
  EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kFail);
  receipt = ShortRun();
  End(receipt).set_monotonic_raw_ns(0);
  EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kFail);
}

TEST(L1ClockTest, OnlyX86HasATimeStampCounter) {
  Receipt receipt = ShortRun();
  End(receipt).set_tsc(0);
  EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kFail);
  (*receipt.mutable_environment())["OS"] = "linux-aarch64";
  EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kPass);
  End(receipt).set_tsc(52'000'000);
  EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kFail);
}

// A list of instruction sets that any machine has does not make an x86 machine another.
TEST(L1ClockTest, TheOperatingSystemSaysWhichMachineItIs) {
  Receipt receipt = ShortRun();
  receipt.mutable_evidence()->mutable_host()->clear_cpu_features();
  for (const char* name : {"scalar", "neon"}) receipt.mutable_evidence()->mutable_host()->add_cpu_features(name);
  EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kPass);
  receipt.mutable_environment()->erase("OS");
  EXPECT_EQ(RunCheck(CheckClock, receipt).status, CheckStatus::kMissing);
}

TEST(L1ClockTest, NoClockRunsBackwards) {
  for (const char* member : {"monotonic_raw_ns", "boottime_ns", "realtime_ns", "tsc", "process_cpu_ns"}) {
    Receipt receipt = ShortRun();
    auto& start = *receipt.mutable_evidence()->mutable_timing()->mutable_clock()->mutable_start();
    const auto* field = start.GetDescriptor()->FindFieldByName(member);
    start.GetReflection()->SetUInt64(&start, field, 100'000'000);
    const CheckResult result = RunCheck(CheckClock, receipt);
    EXPECT_EQ(result.status, CheckStatus::kFail) << member;
    EXPECT_NE(result.reason.find(member), std::string::npos) << result.reason;
  }
}

}  // namespace
}  // namespace bitnet::verify
