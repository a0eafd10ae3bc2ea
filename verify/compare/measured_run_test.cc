#include "verify/compare/measured_run.h"

#include <string>

#include "bitnet/base/sha256.h"
#include "bitnet/receipt/json_writer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "verify/compare/machine.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

MeasuredRun Read(const receipt::Receipt& receipt, const Policy& policy = {}) {
  return ReadMeasuredRun("r.json", WriteReceiptJson(receipt), policy, TestNow());
}

TEST(MeasuredRunTest, TakesFromAReceiptWhatItSays) {
  const receipt::Receipt receipt = HonestReceipt({});
  const receipt::Evidence& evidence = receipt.evidence();
  const MeasuredRun run = Read(receipt);
  EXPECT_EQ(run.source, "r.json");
  EXPECT_EQ(run.receipt_sha256, ToHex(Sha256Of(WriteReceiptJson(receipt))));
  EXPECT_EQ(run.audit, Verdict::kAccept) << run.objection;
  EXPECT_EQ(run.objection, "");
  EXPECT_EQ(run.timestamp, absl::FromCivil(absl::CivilDay(2026, 11, 21), absl::UTCTimeZone()));
  EXPECT_EQ(run.ternary_digest, evidence.model().ternary_digest());
  EXPECT_EQ(run.profile, "bitnet-t2i8-int32-ca1");
  EXPECT_THAT(run.workload, HasSubstr("prompt 512, generated 128, reused 0, sampling {"));
  EXPECT_THAT(run.workload, HasSubstr(R"("seed":42)"));
  EXPECT_THAT(run.schedule, HasSubstr(R"("rows":512)"));
  EXPECT_EQ(run.prompt_digest, evidence.tokens().prompt_ids_digest());
  EXPECT_EQ(run.output_digest, evidence.tokens().output_ids_digest());
  EXPECT_EQ(run.governor, "performance");
  EXPECT_EQ(run.threads, 8u);
  EXPECT_TRUE(run.measured);
  EXPECT_EQ(run.prompt_tokens, 512u);
  EXPECT_EQ(run.generated_tokens, 128u);
  EXPECT_EQ(run.load_ns, evidence.timing().load_ns());
  EXPECT_EQ(run.prefill_ns, evidence.timing().prefill_ns());
  EXPECT_EQ(run.decode_ns, evidence.timing().decode_ns());
  EXPECT_EQ(run.peak_rss_bytes, evidence.host().peak_rss_bytes());
  EXPECT_EQ(run.resolution_ns, 1u);
}

TEST(MeasuredRunTest, PlanAndDensityComeFromTheirPlaces) {
  receipt::Receipt receipt = HonestReceipt({});
  EXPECT_EQ(Read(receipt).plan_digest, "");
  EXPECT_EQ(Read(receipt).density, "");
  receipt.mutable_evidence()->mutable_challenge()->set_plan_digest("plan");
  receipt.mutable_evidence()->mutable_trace()->set_density("t1");
  EXPECT_EQ(Read(receipt).plan_digest, "plan");
  EXPECT_EQ(Read(receipt).density, "t1");
}

TEST(MeasuredRunTest, ABenchmarkCountsAsOneRunOfItsMedianTimes) {
  HonestRun honest;
  honest.samples = 5;
  receipt::Receipt receipt = HonestReceipt(honest);
  EXPECT_EQ(Read(receipt).decode_ns, receipt.evidence().timing().decode_ns()) << "RS-123: the lower median";
  // Prefill times need not have their median in the same repetition.
  receipt::Evidence::Perf& perf = *receipt.mutable_evidence()->mutable_perf();
  for (int i = 0; i < 5; ++i) perf.mutable_samples(i)->set_prefill_ns(100 + (i * 3) % 5);
  EXPECT_EQ(Read(receipt).prefill_ns, 102u);
  perf.mutable_samples()->RemoveLast();  // 100, 103, 101, 104
  EXPECT_EQ(Read(receipt).prefill_ns, 101u) << "the lower one of an even number";
}

TEST(MeasuredRunTest, WhatTheAuditRefusesComesWithItsReason) {
  receipt::Receipt receipt = HonestReceipt({});
  receipt.set_tokens_per_second(receipt.tokens_per_second() * 1.5);
  MeasuredRun run = Read(receipt);
  EXPECT_EQ(run.audit, Verdict::kReject);
  EXPECT_THAT(run.objection, StartsWith("L1-TPS FAIL: "));
  receipt = HonestReceipt({});
  receipt.mutable_evidence()->mutable_timing()->clear_wall_ns();
  run = Read(receipt);
  EXPECT_EQ(run.audit, Verdict::kUnverifiable);
  EXPECT_THAT(run.objection, HasSubstr("MISSING"));
  run = ReadMeasuredRun("x", "no receipt", {}, TestNow());
  EXPECT_EQ(run.audit, Verdict::kMalformed);
  EXPECT_THAT(run.objection, HasSubstr("L0-JSON FAIL"));
  EXPECT_FALSE(run.decode_ns.has_value());
}

// A policy below L1 is raised: a comparison of texts that may say anything means nothing.
TEST(MeasuredRunTest, TheAuditIsAtLeastOfLevelOne) {
  receipt::Receipt receipt = HonestReceipt({});
  receipt.set_tokens_per_second(receipt.tokens_per_second() * 1.5);
  Policy policy;
  policy.min_level = Level::kL0;
  EXPECT_EQ(Read(receipt, policy).audit, Verdict::kReject);
  policy.min_level = Level::kL2;
  EXPECT_NE(Read(HonestReceipt({}), policy).audit, Verdict::kAccept) << "nor is a higher one lowered";
}

TEST(MachineTest, TheFingerprintIsThatOfTheMachineAndNotOfTheRun) {
  const std::string fingerprint = MachineFingerprint(HonestReceipt({}));
  EXPECT_EQ(fingerprint.size(), 64u);
  HonestRun other_run;
  other_run.time_seed = 2;
  other_run.threads = 4;
  other_run.generated = other_run.requested = 64;
  EXPECT_EQ(MachineFingerprint(HonestReceipt(other_run)), fingerprint);
  HonestRun other_cores;
  other_cores.cores = 16;
  EXPECT_NE(MachineFingerprint(HonestReceipt(other_cores)), fingerprint);
  HonestRun other_features;
  other_features.isa = other_features.detected = Isa::kAvx2;
  EXPECT_NE(MachineFingerprint(HonestReceipt(other_features)), fingerprint);
  receipt::Receipt other_brand = HonestReceipt({});
  (*other_brand.mutable_environment())["CPU_BRAND"] = "another";
  EXPECT_NE(MachineFingerprint(other_brand), fingerprint);
  receipt::Receipt other_cache = HonestReceipt({});
  other_cache.mutable_evidence()->mutable_host()->set_llc_bytes(1);
  EXPECT_NE(MachineFingerprint(other_cache), fingerprint);
}

}  // namespace
}  // namespace bitnet::verify
