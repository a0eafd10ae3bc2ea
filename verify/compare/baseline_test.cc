#include "verify/compare/baseline.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/testing_bundle.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_writer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "verify/compare/manifest_envelope.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A folder with three honest receipts and their manifest, created a day before TestNow().
class BaselineTest : public testing::Test {
 protected:
  BaselineTest() : folder_(absl::StrCat(testing::TempDir(), "/baseline")) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    for (int i = 1; i <= 3; ++i) WriteRun(i, {.time_seed = static_cast<uint64_t>(i)});
    WriteManifestFor(TestNow() - absl::Hours(24), absl::Hours(24) * 20);
  }

  void Write(std::string_view name, std::string_view text) const {
    std::ofstream(absl::StrCat(folder_, "/", name), std::ios::binary) << text;
  }
  void WriteRun(int i, const HonestRun& honest) {
    const std::string name = absl::StrFormat("run-%02d.json", i);
    const std::string text = WriteReceiptJson(HonestReceipt(honest));
    Write(name, text);
    if (runs_.size() < static_cast<size_t>(i)) runs_.emplace_back();
    runs_[i - 1] = ReadMeasuredRun(name, text, {}, TestNow());
  }
  void WriteManifestFor(absl::Time created, absl::Duration lifetime) {
    const auto manifest = MakeManifest(runs_, created, lifetime);
    CHECK(manifest.ok()) << manifest.status();
    Write("manifest.json", WriteManifest(*manifest));
    root_ = ManifestRoot(manifest->receipts);
  }
  Baseline Read(BaselineKind kind = BaselineKind::kBaseline, const Policy& policy = {},
                const std::vector<attest::PublicKey>& keys = {}) const {
    const auto baseline = ReadBaseline(absl::StrCat(folder_, "/manifest.json"), kind, keys, policy, TestNow());
    CHECK(baseline.ok()) << baseline.status();
    return *baseline;
  }
  void ExpectRefused(std::string_view word, BaselineKind kind = BaselineKind::kBaseline, const Policy& policy = {},
                     const std::vector<attest::PublicKey>& keys = {}) const {
    const Baseline baseline = Read(kind, policy, keys);
    ASSERT_THAT(baseline.refusals, SizeIs(1)) << word;
    EXPECT_EQ(baseline.refusals[0].reason, RefusalReason::kBase);
    EXPECT_THAT(baseline.refusals[0].detail, HasSubstr(word));
  }

  const std::string folder_;
  std::vector<MeasuredRun> runs_;
  std::string root_;
};

TEST_F(BaselineTest, ARightOneHasItsRuns) {
  const Baseline baseline = Read();
  EXPECT_THAT(baseline.refusals, IsEmpty());
  ASSERT_THAT(baseline.runs, SizeIs(3));
  EXPECT_EQ(baseline.runs[1].audit, Verdict::kAccept);
  EXPECT_EQ(baseline.runs[1].decode_ns, runs_[1].decode_ns);
  EXPECT_EQ(baseline.signed_by, "");
}

TEST_F(BaselineTest, AReceiptThatWasEditedIsNoticed) {
  WriteRun(2, {.time_seed = 2, .speed = 0.5});
  ExpectRefused("run-02.json has the SHA-256");
}

TEST_F(BaselineTest, AReceiptThatIsGoneIsNoticed) {
  std::filesystem::remove(folder_ + "/run-03.json");
  ExpectRefused("cannot open");
}

TEST_F(BaselineTest, AManifestThatWasEditedIsNoticed) {
  Write("manifest.json", "{}");
  ExpectRefused("manifest_version");
  EXPECT_FALSE(Read().manifest.has_value());
}

TEST_F(BaselineTest, AgeIsLimitedByTheManifestAndByThePolicy) {
  const absl::Duration day = absl::Hours(24);
  WriteManifestFor(TestNow() - 10 * day, 10 * day);
  ExpectRefused("it expired at 2026-11-22T00:00:00Z");
  ExpectRefused("it expired", BaselineKind::kAnchor);
  WriteManifestFor(TestNow() - 10 * day, 10 * day + absl::Seconds(1));
  EXPECT_THAT(Read().refusals, IsEmpty());
  WriteManifestFor(TestNow() - 30 * day, 300 * day);
  EXPECT_THAT(Read().refusals, IsEmpty());
  WriteManifestFor(TestNow() - 30 * day - absl::Seconds(1), 300 * day);
  ExpectRefused("more than 30 days ago");
  EXPECT_THAT(Read(BaselineKind::kAnchor).refusals, IsEmpty()) << "an anchor is old on purpose";
  Policy policy;
  policy.compare.max_baseline_days = 31;
  EXPECT_THAT(Read(BaselineKind::kBaseline, policy).refusals, IsEmpty());
  WriteManifestFor(TestNow() + absl::Hours(1), day);
  ExpectRefused("which is to come");
}

TEST_F(BaselineTest, AClockMayBeAheadByThePolicysSkewAndNotMore) {
  const absl::Duration day = absl::Hours(24);
  WriteManifestFor(TestNow() + absl::Minutes(5), day);
  EXPECT_THAT(Read().refusals, IsEmpty());
  WriteManifestFor(TestNow() + absl::Minutes(5) + absl::Seconds(1), day);
  ExpectRefused("which is to come");
  Policy policy;
  policy.max_clock_skew = absl::Minutes(6);
  EXPECT_THAT(Read(BaselineKind::kBaseline, policy).refusals, IsEmpty());
}

// Of a receipt that is too large one byte more than may be is read: enough to see that it is.
TEST_F(BaselineTest, ReceiptsAreReadUpToTheLimitAndOneByte) {
  const auto pad = [&](size_t size) {
    std::string text = WriteReceiptJson(HonestReceipt({.time_seed = 2}));
    text.resize(size, ' ');
    Write("run-02.json", text);
    runs_[1] = ReadMeasuredRun("run-02.json", text, {}, TestNow());
    runs_[1].machine = runs_[0].machine;
    runs_[1].ternary_digest = runs_[0].ternary_digest;
    WriteManifestFor(TestNow() - absl::Hours(24), absl::Hours(48));
  };
  pad(kMaxReceiptBytes);
  EXPECT_THAT(Read().refusals, IsEmpty());
  EXPECT_EQ(Read().runs[1].audit, Verdict::kAccept);
  pad(kMaxReceiptBytes + 1);
  ExpectRefused("is from another machine");  // nothing in it is believed
  pad(kMaxReceiptBytes + 2);
  ExpectRefused("run-02.json has the SHA-256");
}

TEST_F(BaselineTest, ASignedManifestIsNoLargerThanABundle) {
  const attest::PrivateKey key = attest::TestingKey();
  const auto manifest = MakeManifest(runs_, TestNow() - absl::Hours(24), absl::Hours(48));
  std::string bundle = SignManifest(WriteManifest(*manifest), key);
  bundle.resize(attest::kMaxBundleBytes, ' ');
  Write("manifest.json", bundle);
  EXPECT_THAT(Read(BaselineKind::kBaseline, {}, {key.Public()}).refusals, IsEmpty());
  Write("manifest.json", bundle + " ");
  ExpectRefused("", BaselineKind::kBaseline, {}, {key.Public()});
}

TEST_F(BaselineTest, ThePolicyMayPinIt) {
  Policy policy;
  policy.compare.baseline_root = root_;
  policy.compare.anchor_root = std::string(64, '0');
  EXPECT_THAT(Read(BaselineKind::kBaseline, policy).refusals, IsEmpty());
  ExpectRefused("the policy pins 0000", BaselineKind::kAnchor, policy);
  policy.compare.baseline_root = std::string(64, '1');
  ExpectRefused("the policy pins 1111", BaselineKind::kBaseline, policy);
}

TEST_F(BaselineTest, RunsMustBeOfTheMachineModelAndWorkloadThatItNames) {
  const std::vector<MeasuredRun> honest = runs_;
  runs_[0].machine = std::string(64, 'a');
  WriteManifestFor(TestNow() - absl::Hours(1), absl::Hours(2));
  ExpectRefused("another machine");
  runs_ = honest;
  runs_[0].ternary_digest = std::string(64, 'a');
  WriteManifestFor(TestNow() - absl::Hours(1), absl::Hours(2));
  ExpectRefused("another model");
  runs_ = honest;
  runs_[0].workload = "other";
  WriteManifestFor(TestNow() - absl::Hours(1), absl::Hours(2));
  ExpectRefused("another workload");
}

TEST_F(BaselineTest, WithKeysItMustBeSignedByOneOfThem) {
  const attest::PrivateKey key = attest::TestingKey();
  const std::vector<attest::PublicKey> keys = {key.Public()}, others = {attest::TestingKey("second").Public()};
  ExpectRefused("is not signed", BaselineKind::kBaseline, {}, keys);
  const auto manifest = MakeManifest(runs_, TestNow() - absl::Hours(24), absl::Hours(48));
  Write("manifest.json", SignManifest(WriteManifest(*manifest), key));
  const Baseline baseline = Read(BaselineKind::kBaseline, {}, keys);
  EXPECT_THAT(baseline.refusals, IsEmpty());
  EXPECT_THAT(baseline.runs, SizeIs(3));
  EXPECT_EQ(baseline.signed_by, key.Public().KeyId());
  ExpectRefused("none of the 1 trusted keys", BaselineKind::kBaseline, {}, others);
  ExpectRefused("expected --key", BaselineKind::kBaseline, {}, {});
}

TEST_F(BaselineTest, KeysOfThePolicyCountAndNoneBesideThem) {
  const attest::PublicKey first = attest::TestingKey().Public(), second = attest::TestingKey("second").Public();
  Policy policy;
  EXPECT_THAT(*TrustedKeys({}, policy), IsEmpty());
  EXPECT_THAT(*TrustedKeys({first}, policy), testing::ElementsAre(first));
  policy.keys = {first};
  EXPECT_THAT(*TrustedKeys({}, policy), testing::ElementsAre(first));
  EXPECT_THAT(*TrustedKeys({first}, policy), testing::ElementsAre(first));
  EXPECT_FALSE(TrustedKeys({second}, policy).ok());
}

TEST_F(BaselineTest, AManifestThatIsNotThereIsAnError) {
  EXPECT_FALSE(ReadBaseline(folder_ + "/none.json", BaselineKind::kBaseline, {}, {}, TestNow()).ok());
}

}  // namespace
}  // namespace bitnet::verify
