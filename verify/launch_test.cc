#include "verify/launch.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet::verify {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class LaunchTest : public testing::Test {
 protected:
  LaunchTest() : folder_(testing::TempDir() + "/" + testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder_);
  }

  LaunchRequest Shell(const std::string& script) const {
    LaunchRequest request;
    request.command = {"/bin/sh", "-c", script};
    request.folder = folder_;
    return request;
  }
  Launched Run(const LaunchRequest& request) {
    auto launched = Launch(request, never_);
    EXPECT_TRUE(launched.ok()) << launched.status();
    return *std::move(launched);
  }

  const std::string folder_;
  const std::atomic<bool> never_{false};
};

TEST(LaunchPathsTest, PlaceholdersAreFilledAndOtherBracesStay) {
  const LaunchPaths paths = {"/a/c.json", "/a/{commitment}.json", "/a/r.bnc"};
  EXPECT_EQ(FillPlaceholders("--challenge={challenge}", paths), "--challenge=/a/c.json");
  EXPECT_EQ(FillPlaceholders("{receipt} {commitment}", paths), "/a/{commitment}.json /a/r.bnc") << "once, not again";
  EXPECT_EQ(FillPlaceholders("{model} ${HOME} {}", paths), "{model} ${HOME} {}");
}

TEST_F(LaunchTest, TheProgramGetsAChallengeOfItsOwnAndWritesAReceipt) {
  const Launched launched = Run(Shell("cp {challenge} {receipt}"));
  EXPECT_EQ(launched.artifact.failure, "");
  EXPECT_EQ(launched.receipt, attest::WriteChallenge(launched.challenge));
  EXPECT_EQ(launched.artifact.nonce, launched.challenge.nonce);
  EXPECT_EQ(launched.challenge.nonce.size(), 64u);
  EXPECT_GT(launched.artifact.outer_ns, 0u);
  EXPECT_EQ(attest::ReadChallengeFile(launched.paths.challenge)->nonce, launched.challenge.nonce);
  std::filesystem::remove_all(folder_);
  EXPECT_NE(Run(Shell("cp {challenge} {receipt}")).challenge.nonce, launched.challenge.nonce);
}

TEST_F(LaunchTest, TheSamePathsAreInTheEnvironment) {
  const Launched launched =
      Run(Shell("echo $BITNET_RUN_CHALLENGE $BITNET_RUN_RECEIPT $BITNET_RUN_COMMITMENT > {receipt}"));
  EXPECT_EQ(launched.receipt,
            launched.paths.challenge + " " + launched.paths.receipt + " " + launched.paths.commitment + "\n");
  EXPECT_TRUE(std::filesystem::path(launched.paths.receipt).is_absolute());
}

TEST_F(LaunchTest, HowItFailedIsSaidAndItsReceiptReadAllTheSame) {
  const Launched launched = Run(Shell("echo text > {receipt}; echo out of memory >&2; exit 3"));
  EXPECT_EQ(launched.artifact.failure, "exit code 3: out of memory");
  EXPECT_EQ(launched.receipt, "text\n");
}

TEST_F(LaunchTest, ASignalIsAFailure) { EXPECT_EQ(Run(Shell("kill -SEGV $$")).artifact.failure, "signal 11"); }

TEST_F(LaunchTest, SoIsTakingTooLong) {
  LaunchRequest request = Shell("echo text > {receipt}; sleep 1000");
  request.timeout = absl::Seconds(1);
  const Launched launched = Run(request);
  EXPECT_THAT(launched.artifact.failure, StartsWith("killed after 1s, the time it was given"));
  EXPECT_GE(launched.artifact.outer_ns, 1'000'000'000u);
}

TEST_F(LaunchTest, SoIsWritingNothing) {
  EXPECT_THAT(Run(Shell("true")).artifact.failure, HasSubstr("wrote no receipt to "));
  std::filesystem::remove_all(folder_);
  LaunchRequest request = Shell("echo text > {receipt}");
  request.needs_commitment = true;
  EXPECT_THAT(Run(request).artifact.failure, HasSubstr("wrote no commitment to "));
}

// What would make the auditor wait, or read something else.
TEST_F(LaunchTest, AReceiptIsAPlainFile) {
  for (const char* script :
       {"mkfifo {receipt}", "ln -s /dev/zero {receipt}", "ln -s {challenge} {receipt}", "mkdir {receipt}"}) {
    std::filesystem::remove_all(folder_);
    const Launched launched = Run(Shell(script));
    EXPECT_THAT(launched.artifact.failure, HasSubstr("wrote no receipt")) << script;
    EXPECT_EQ(launched.receipt, "") << script;
  }
}

TEST_F(LaunchTest, WhatCannotBeMeantIsAnErrorAndNothingIsRun) {
  EXPECT_EQ(Launch({}, never_).status().code(), absl::StatusCode::kInvalidArgument);
  LaunchRequest request = Shell("true");
  request.timeout = absl::InfiniteDuration();
  EXPECT_EQ(Launch(request, never_).status().code(), absl::StatusCode::kInvalidArgument);
  request.timeout = absl::Milliseconds(999);
  EXPECT_EQ(Launch(request, never_).status(),
            absl::InvalidArgumentError("--timeout: expected 1s to 8760h, got 999ms"));
  EXPECT_FALSE(std::filesystem::exists(folder_));
  request = Shell("true");
  request.command = {"/no/such/program"};
  EXPECT_EQ(Launch(request, never_).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Launch(request, never_).status().message(), HasSubstr("expected a new or empty folder"));
}

}  // namespace
}  // namespace bitnet::verify
