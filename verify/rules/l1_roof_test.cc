#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

// 2B-4T reads 521 011 200 bytes of ternary weights and 656 670 720 of the head for every decoded token; 32 MiB of them
// may stay in the cache: 1 144 127 488 bytes x 127 steps / 2 / 40 000 MB/s is 1.816 s.
CheckStatus AtDecodeTime(uint64_t decode_ns, const Policy& policy = {}) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->mutable_timing()->set_decode_ns(decode_ns);
  return RunCheck(CheckRoof, receipt, policy).status;
}

TEST(L1RoofTest, TheProbeBoundsDecoding) {
  EXPECT_EQ(AtDecodeTime(1'816'302'388), CheckStatus::kPass);
  EXPECT_EQ(AtDecodeTime(1'816'302'387), CheckStatus::kFail);
}

// Of a screened head a byte a weight: (521 011 200 + 328 335 360 - 33 554 432) bytes x 127 steps / 2 / 40 000 MB/s.
TEST(L1RoofTest, AScreenedHeadIsHalfAsLarge) {
  HonestRun run;
  run.screened = true;
  Receipt receipt = HonestReceipt(run);
  receipt.mutable_evidence()->mutable_timing()->set_decode_ns(1'295'071'131);
  EXPECT_EQ(RunCheck(CheckRoof, receipt).status, CheckStatus::kPass);
  receipt.mutable_evidence()->mutable_timing()->set_decode_ns(1'295'000'000);
  EXPECT_EQ(RunCheck(CheckRoof, receipt).status, CheckStatus::kFail);
}

TEST(L1RoofTest, ThePolicyCapsTheProbe) {
  Policy policy;
  policy.peak_read_bw_mbps = 20'000;
  EXPECT_EQ(AtDecodeTime(6'919'247'200, policy), CheckStatus::kPass);
  EXPECT_EQ(AtDecodeTime(6'919'247'100, policy), CheckStatus::kFail);
  policy.peak_read_bw_mbps = 80'000;  // a better machine on paper does not lift what was probed
  EXPECT_EQ(AtDecodeTime(1'816'302'387, policy), CheckStatus::kFail);
}

TEST(L1RoofTest, WithoutABandwidthNothingIsEstablished) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->mutable_host()->set_read_bw_probe_mbps(0);
  EXPECT_EQ(RunCheck(CheckRoof, receipt).status, CheckStatus::kMissing);
  Policy policy;
  policy.peak_read_bw_mbps = 100'000;
  EXPECT_EQ(RunCheck(CheckRoof, receipt, policy).status, CheckStatus::kPass);
  // Faster than any machine is not a question of evidence.
  receipt.mutable_evidence()->mutable_timing()->set_decode_ns(60'000'000);
  EXPECT_EQ(RunCheck(CheckRoof, receipt).status, CheckStatus::kFail);
}

TEST(L1RoofTest, AModelInTheCacheNeedsNoProbe) {
  HonestRun run;
  run.arch = kTinyShape;
  Receipt receipt = HonestReceipt(run);
  receipt.mutable_evidence()->mutable_host()->set_read_bw_probe_mbps(0);
  EXPECT_EQ(RunCheck(CheckRoof, receipt).status, CheckStatus::kPass);
}

TEST(L1RoofTest, NoCacheIsLargerThanThat) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->mutable_host()->set_llc_bytes(uint64_t{2} << 30);
  EXPECT_EQ(RunCheck(CheckRoof, receipt).status, CheckStatus::kPass);
  receipt.mutable_evidence()->mutable_host()->set_llc_bytes((uint64_t{2} << 30) + 1);
  EXPECT_EQ(RunCheck(CheckRoof, receipt).status, CheckStatus::kFail);
}

TEST(L1RoofTest, ThePolicyCapsTheCache) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->mutable_host()->set_llc_bytes(uint64_t{2} << 30);
  receipt.mutable_evidence()->mutable_timing()->set_decode_ns(1'816'302'387);
  EXPECT_EQ(RunCheck(CheckRoof, receipt).status, CheckStatus::kPass);
  Policy policy;
  policy.max_llc_bytes = 32u << 20;
  EXPECT_EQ(RunCheck(CheckRoof, receipt, policy).status, CheckStatus::kFail);
  receipt.mutable_evidence()->mutable_timing()->set_decode_ns(1'816'302'388);
  EXPECT_EQ(RunCheck(CheckRoof, receipt, policy).status, CheckStatus::kPass);
}

TEST(L1RoofTest, AModelInTheCacheIsNotBoundByMemory) {
  HonestRun run;
  run.arch = kTinyShape;
  Receipt receipt = HonestReceipt(run);
  receipt.mutable_evidence()->mutable_host()->set_read_bw_probe_mbps(1);
  CheckResult result = RunCheck(CheckRoof, receipt);
  EXPECT_EQ(result.status, CheckStatus::kPass);
  EXPECT_NE(result.reason.find("fit the last-level cache"), std::string::npos) << result.reason;
  receipt.mutable_evidence()->mutable_host()->set_llc_bytes(0);
  EXPECT_EQ(RunCheck(CheckRoof, receipt).status, CheckStatus::kFail);
}

TEST(L1RoofTest, CoresBoundThePrefill) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_evidence()->mutable_host()->set_cores(1);
  receipt.mutable_evidence()->mutable_timing()->set_prefill_ns(1'067'359'273);  // 1 067 359 272 960 MACs
  EXPECT_EQ(RunCheck(CheckRoof, receipt).status, CheckStatus::kPass);
  receipt.mutable_evidence()->mutable_timing()->set_prefill_ns(1'067'359'272);
  EXPECT_EQ(RunCheck(CheckRoof, receipt).status, CheckStatus::kFail);
}

TEST(L1RoofTest, OneTokenIsBoundByItsPrefillAlone) {
  HonestRun run;
  run.generated = run.requested = 1;
  EXPECT_EQ(RunCheck(CheckRoof, HonestReceipt(run)).status, CheckStatus::kPass);
}

}  // namespace
}  // namespace bitnet::verify
