#include "verify/request.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/ledger.h"
#include "bitnet/attest/testing_bundle.h"
#include "bitnet/base/sha256.h"
#include "gtest/gtest.h"
#include "verify/testing/signed_receipt.h"

namespace bitnet::verify {
namespace {

using attest::TestingKey;

class RequestTest : public testing::Test {
 protected:
  RequestTest() : folder_(testing::TempDir() + "/request"), bundle_(SignedText(AnsweringReceipt())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }

  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
    return folder_ + "/" + name;
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(folder_ + "/" + name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  const std::string folder_;
  const std::string bundle_;
};

Level LevelOf(const AuditRequest& request, std::string_view text) {
  const auto policy = MakePolicy(request, text);
  EXPECT_TRUE(policy.ok()) << policy.status();
  return policy.ok() ? policy->min_level : Level::kL0;
}

TEST_F(RequestTest, ReceiptsMustReachL1AndEnvelopesL3) {
  EXPECT_EQ(LevelOf({}, "{}"), Level::kL1);
  EXPECT_EQ(LevelOf({}, bundle_), Level::kL3);
  EXPECT_EQ(LevelOf({.level = "L0"}, bundle_), Level::kL0);
  EXPECT_EQ(LevelOf({.level = "L4"}, bundle_), Level::kL4);
  EXPECT_EQ(LevelOf({.challenge = "c"}, "{}"), Level::kL3);
  EXPECT_EQ(LevelOf({.ledger = "l"}, "{}"), Level::kL3);
  EXPECT_EQ(LevelOf({.level = "L4", .ledger = "l"}, "{}"), Level::kL4);
  EXPECT_TRUE(
      absl::StrContains(MakePolicy({.level = "L2", .ledger = "l"}, bundle_).status().message(), "or ask for L3"));
}

TEST_F(RequestTest, WhatIsGivenIsLookedAt) {
  EXPECT_EQ(LevelOf({.model = "m"}, "{}"), Level::kL2);
  EXPECT_EQ(LevelOf({.commitment = "c"}, "{}"), Level::kL2);
  EXPECT_EQ(LevelOf({.model = "m"}, bundle_), Level::kL3);
  EXPECT_EQ(LevelOf({.ledger = "l", .model = "m"}, "{}"), Level::kL3);
  EXPECT_EQ(LevelOf({.model = "m", .commitment = "c", .replay = true}, "{}"), Level::kL4);
  EXPECT_EQ(LevelOf({.level = "L4", .model = "m"}, "{}"), Level::kL4);
  EXPECT_TRUE(absl::StrContains(MakePolicy({.level = "L1", .model = "m"}, "{}").status().message(), "or ask for L2"));
  EXPECT_TRUE(absl::StrContains(MakePolicy({.level = "L3", .replay = true}, "{}").status().message(), "or ask for L4"));
  EXPECT_FALSE(AuditFiles::Open({.model = "m", .replay = true}).ok()) << "a replay needs the tokens of the commitment";
  EXPECT_FALSE(AuditFiles::Open({.commitment = Write("text", "hello")}).ok());
}

TEST_F(RequestTest, NextToAPolicyOneCanOnlyAskForMore) {
  const std::string l1 = Write("l1.json", R"({"min_level":"L1"})");
  const std::string l4 = Write("l4.json", R"({"min_level":"L4"})");
  EXPECT_EQ(LevelOf({.policy = l1}, bundle_), Level::kL1) << "its owner has said what is enough";
  EXPECT_EQ(LevelOf({.policy = l1, .ledger = "l"}, bundle_), Level::kL3);
  EXPECT_EQ(LevelOf({.policy = l4, .ledger = "l"}, bundle_), Level::kL4);
  EXPECT_FALSE(MakePolicy({.policy = l4, .level = "L3"}, bundle_).ok());
  EXPECT_FALSE(MakePolicy({.policy = folder_ + "/none.json"}, bundle_).ok());
  EXPECT_TRUE(MakePolicy({.policy = l1, .strict = true}, bundle_)->strict);
}

TEST_F(RequestTest, KeysAreTrustedByWhoeverMayTrust) {
  const std::string first = Write("first.pub", TestingKey("first").Public().Pem());
  const std::string second = Write("second.pub", TestingKey("second").Public().Pem());
  EXPECT_TRUE(MakePolicy({}, bundle_)->keys.empty());
  EXPECT_EQ(MakePolicy({.keys = {first, second}}, bundle_)->keys.size(), 2);
  EXPECT_EQ(LevelOf({.keys = {first}}, "{}"), Level::kL3);

  const std::string both = absl::StrCat(R"({"keys":[")", absl::BytesToHexString(TestingKey("first").Public().Der()),
                                        R"(",")", absl::BytesToHexString(TestingKey("second").Public().Der()), "\"]}");
  const std::string policy = Write("both.json", both);
  EXPECT_EQ(MakePolicy({.policy = policy}, bundle_)->keys.size(), 2);
  const auto narrowed = MakePolicy({.policy = policy, .keys = {second}}, bundle_);
  ASSERT_TRUE(narrowed.ok()) << narrowed.status();
  ASSERT_EQ(narrowed->keys.size(), 1);
  EXPECT_EQ(narrowed->keys[0], TestingKey("second").Public());
  const std::string third = Write("third.pub", TestingKey("third").Public().Pem());
  const auto widened = MakePolicy({.policy = policy, .keys = {third}}, bundle_);
  EXPECT_TRUE(absl::StrContains(widened.status().message(), "does not trust this key")) << widened.status();

  const auto secret = MakePolicy({.keys = {Write("first.key", TestingKey("first").Pem())}}, bundle_);
  EXPECT_TRUE(absl::StrContains(secret.status().message(), "first.key: PEM of a \"PRIVATE KEY\"")) << secret.status();
}

TEST_F(RequestTest, AnAcceptedNonceIsTakenOnce) {
  const AuditRequest request{.ledger = Write("ledger", "")};
  FixtureContext context = UsualContext();
  for (const Verdict expected : {Verdict::kAccept, Verdict::kReject}) {
    auto files = AuditFiles::Open(request);
    ASSERT_TRUE(files.ok()) << files.status();
    Artifacts artifacts = context.artifacts;
    const auto challenge = artifacts.challenge;
    files->AddTo(artifacts);
    artifacts.challenge = challenge;
    const AuditReport report = AuditReceiptText(bundle_, context.policy, TestNow(), artifacts);
    EXPECT_EQ(report.verdict, expected);
    const auto recorded = files->Record(report, bundle_, TestNow());
    ASSERT_TRUE(recorded.ok()) << recorded.status();
    EXPECT_EQ(absl::StrContains(*recorded, "has 1 lines"), expected == Verdict::kAccept) << *recorded;
  }
  const auto ledger = attest::Ledger::Parse(Read("ledger"));
  ASSERT_TRUE(ledger.ok()) << ledger.status();
  ASSERT_EQ(ledger->size(), 1);
  EXPECT_EQ(ledger->entries()[0].nonce, kFixtureNonce);
  EXPECT_EQ(ledger->entries()[0].receipt_sha256, ToHex(Sha256Of(WriteReceiptJson(AnsweringReceipt()))));
}

// What was not accepted, or not at the level of nonces, takes none.
TEST_F(RequestTest, NothingElseIsWrittenDown) {
  const AuditRequest request{.ledger = Write("ledger", "")};
  auto files = AuditFiles::Open(request);
  ASSERT_TRUE(files.ok());
  AuditReport report;
  report.level = Level::kL3;
  for (const Verdict verdict : {Verdict::kReject, Verdict::kMalformed, Verdict::kUnverifiable}) {
    report.verdict = verdict;
    EXPECT_EQ(*files->Record(report, bundle_, TestNow()), "");
  }
  report.verdict = Verdict::kAccept;
  report.level = Level::kL1;
  EXPECT_EQ(*files->Record(report, bundle_, TestNow()), "");
  EXPECT_EQ(Read("ledger"), "");
}

TEST_F(RequestTest, FilesThatCannotBeReadAreNamed) {
  EXPECT_EQ(AuditFiles::Open({.ledger = folder_ + "/none"}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(AuditFiles::Open({.ledger = Write("torn", "7e57")}).ok());
  EXPECT_TRUE(absl::StrContains(AuditFiles::Open({.challenge = Write("c", "{}")}).status().message(), folder_ + "/c"));
  EXPECT_TRUE(AuditFiles::Open({}).ok());
}

}  // namespace
}  // namespace bitnet::verify
