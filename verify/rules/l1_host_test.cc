#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L1HostTest, UnknownIsToldAndAbsentIsNot) {
  Receipt receipt = HonestReceipt(HonestRun{});
  auto& host = *receipt.mutable_evidence()->mutable_host();
  host.set_governor("");
  host.set_llc_bytes(0);
  host.set_read_bw_probe_mbps(0);
  EXPECT_EQ(RunCheck(CheckHost, receipt).status, CheckStatus::kPass);
  host.clear_governor();
  EXPECT_EQ(RunCheck(CheckHost, receipt).status, CheckStatus::kMissing);
}

TEST(L1HostTest, NothingRunsOnNothing) {
  for (const char* member : {"cores", "threads", "peak_rss_bytes"}) {
    Receipt receipt = HonestReceipt(HonestRun{});
    auto& host = *receipt.mutable_evidence()->mutable_host();
    host.GetReflection()->SetUInt64(&host, host.GetDescriptor()->FindFieldByName(member), 0);
    EXPECT_EQ(RunCheck(CheckHost, receipt).status, CheckStatus::kFail) << member;
  }
}

}  // namespace
}  // namespace bitnet::verify
