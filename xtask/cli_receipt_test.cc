// What a receipt can be asked to carry: a challenge, a commitment with its file; and when strict mode refuses to begin.

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bitnet/attest/challenge.h"
#include "bitnet/commitment/commitment_file.h"
#include "bitnet/receipt/json_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/cli_testing.h"

namespace bitnet::xtask {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class CliReceiptTest : public CliTest {
 protected:
  ProcessResult Infer(const std::vector<std::string>& more) {
    std::vector<std::string> args = {"infer", "-m", nano(), "-p", "x", "--greedy", "-n", "4"};
    args.insert(args.end(), more.begin(), more.end());
    return Run(args);
  }

  // Issued now, or an hour ago for half of one.
  std::string WriteChallengeFile(bool expired) {
    const auto challenge =
        attest::NewChallenge("ci:nightly", absl::Now() - absl::Hours(expired ? 1 : 0), absl::Minutes(30), std::nullopt);
    CHECK(challenge.ok()) << challenge.status();
    Write("challenge.json", attest::WriteChallenge(*challenge));
    return challenge->nonce;
  }
};

TEST_F(CliReceiptTest, TheCommitmentFileHashesToTheReceiptsRoots) {
  ASSERT_EQ(Infer({"--receipt", Path("r.json"), "--commitment", Path("r.bnc")}).exit_code, 0);
  const std::string bytes = Read("r.bnc");
  const auto commitment = ParseCommitment(std::span(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
  ASSERT_TRUE(commitment.ok()) << commitment.status();
  const CommitmentRoots roots = RootsOf(*commitment);
  const JsonValue receipt = Json(Read("r.json"));
  EXPECT_EQ(receipt.AtPath("/evidence/trace/numerics_root")->string(), ToHex(roots.numerics_root));
  EXPECT_EQ(receipt.AtPath("/evidence/trace/observed_root")->string(), ToHex(roots.observed_root));
  EXPECT_EQ(receipt.AtPath("/evidence/trace/size")->AsUint64(), roots.size);
}

TEST_F(CliReceiptTest, BenchmarksCommitToo) {
  const ProcessResult result = Run({"benchmark", "-m", nano(), "-p", "16", "-n", "8", "-r", "2", "--receipt",
                                    Path("r.json"), "--commitment", Path("r.bnc")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(Json(Read("r.json")).AtPath("/evidence/trace/size")->AsUint64(), 16 + 8 - 1);
  EXPECT_THAT(Files(), UnorderedElementsAre("r.json", "r.bnc"));
}

TEST_F(CliReceiptTest, ALinkStaysALink) {
  Write("run.json", "of an earlier run");
  std::filesystem::create_symlink("run.json", Path("latest.json"));
  ASSERT_EQ(Infer({"--receipt", Path("latest.json")}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::is_symlink(Path("latest.json")));
  EXPECT_EQ(RunProgram({Verify(), Path("run.json")}).exit_code, 0);
}

TEST_F(CliReceiptTest, WithoutCommitmentThereIsNoTrace) {
  ASSERT_EQ(Infer({"--receipt", Path("r.json"), "--no-commitment"}).exit_code, 0);
  EXPECT_EQ(Json(Read("r.json")).AtPath("/evidence/trace"), nullptr);
  EXPECT_EQ(RunProgram({Verify(), Path("r.json")}).exit_code, 0);
}

TEST_F(CliReceiptTest, TheNonceIsInTheReceiptAndInTheSession) {
  ASSERT_EQ(Infer({"--receipt", Path("plain.json")}).exit_code, 0);
  const std::string nonce = WriteChallengeFile(false);
  const ProcessResult result = Infer({"--receipt", Path("r.json"), "--challenge", Path("challenge.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const JsonValue receipt = Json(Read("r.json"));
  EXPECT_EQ(receipt.AtPath("/evidence/challenge/nonce")->string(), nonce);
  EXPECT_EQ(receipt.AtPath("/evidence/challenge/issued_by")->string(), "ci:nightly");
  EXPECT_NE(receipt.AtPath("/evidence/trace/numerics_root")->string(),
            Json(Read("plain.json")).AtPath("/evidence/trace/numerics_root")->string());
}

// Whoever answers a challenge with a benchmark cannot have seen its prompt before.
TEST_F(CliReceiptTest, AChallengeMakesThePromptOfABenchmark) {
  std::vector<std::string> prompts;
  for (int i = 0; i < 2; ++i) {
    WriteChallengeFile(false);
    const ProcessResult result = Run({"benchmark", "-m", nano(), "-p", "16", "-n", "8", "-r", "1", "--receipt",
                                      Path("r.json"), "--challenge", Path("challenge.json")});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    prompts.push_back(Json(Read("r.json")).AtPath("/evidence/tokens/prompt_ids_digest")->string());
  }
  EXPECT_NE(prompts[0], prompts[1]);
}

TEST_F(CliReceiptTest, AnExpiredChallengeIsNotAnswered) {
  WriteChallengeFile(true);
  const ProcessResult result = Infer({"--receipt", Path("r.json"), "--challenge", Path("challenge.json")});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("the challenge expired at "));
  EXPECT_THAT(Files(), ElementsAre("challenge.json"));
}

TEST_F(CliReceiptTest, ProofNeedsAReceipt) {
  for (const char* flag : {"--commitment", "--challenge"}) {
    const ProcessResult result = Infer({flag, Path("f")});
    EXPECT_EQ(result.exit_code, 2) << flag;
    EXPECT_THAT(result.err, HasSubstr("name it too (--receipt FILE)")) << flag;
  }
}

TEST_F(CliReceiptTest, ARunIsBoundToItsModelAndReplayed) {
  ASSERT_EQ(Infer({"--receipt", Path("r.json"), "--commitment", Path("r.bnc")}).exit_code, 0);
  const ProcessResult bound = RunProgram({Verify(), Path("r.json"), "--model", nano()});
  EXPECT_EQ(bound.exit_code, 0) << bound.out << bound.err;
  EXPECT_THAT(bound.out, HasSubstr("ACCEPT at level L2"));
  const std::vector<std::string> replay = {Verify(),       Path("r.json"), "--model", nano(),
                                           "--commitment", Path("r.bnc"),  "--replay"};
  const ProcessResult replayed = RunProgram(replay);
  EXPECT_EQ(replayed.exit_code, 0) << replayed.out << replayed.err;
  EXPECT_THAT(replayed.out, HasSubstr("every layer and every choice the same"));
  EXPECT_THAT(replayed.out, HasSubstr("ACCEPT at level L4"));
  std::vector<std::string> independent = replay;
  independent.back() = "--independent";
  const ProcessResult recomputed = RunProgram(independent);
  EXPECT_EQ(recomputed.exit_code, 0) << recomputed.out << recomputed.err;
  EXPECT_THAT(recomputed.out, HasSubstr("logits of 4 of 4 choices"));
  independent.insert(independent.end(), {"--sample", "2"});
  const ProcessResult sampled = RunProgram(independent);
  EXPECT_EQ(sampled.exit_code, 3) << "a sample is no acceptance";
  EXPECT_THAT(sampled.out, HasSubstr("a sample: "));
  EXPECT_THAT(sampled.out, HasSubstr("logits of 2 of 4 choices"));
}

TEST_F(CliReceiptTest, AnotherModelOrAnotherRunIsRefused) {
  const TestingModel other("nano", 2);
  ASSERT_EQ(Infer({"--receipt", Path("r.json"), "--commitment", Path("r.bnc")}).exit_code, 0);
  const ProcessResult wrong_model =
      RunProgram({Verify(), Path("r.json"), "--model", other.path(), "--commitment", Path("r.bnc"), "--replay"});
  EXPECT_EQ(wrong_model.exit_code, 1);
  EXPECT_THAT(wrong_model.out, HasSubstr("L2-MODEL"));
  EXPECT_THAT(wrong_model.out, HasSubstr("RS-400  /evidence/model/file_sha256 is "));

  ASSERT_EQ(Run({"infer", "-m", nano(), "-p", "y", "--greedy", "-n", "4", "--receipt", Path("s.json"), "--commitment",
                 Path("s.bnc")})
                .exit_code,
            0);
  const ProcessResult wrong_run =
      RunProgram({Verify(), Path("r.json"), "--model", nano(), "--commitment", Path("s.bnc"), "--replay"});
  EXPECT_EQ(wrong_run.exit_code, 1);
  EXPECT_THAT(wrong_run.out, HasSubstr("L2-TREE"));
}

TEST_F(CliReceiptTest, WhatAReplayNeedsIsSaid) {
  ASSERT_EQ(Infer({"--receipt", Path("r.json")}).exit_code, 0);
  EXPECT_EQ(RunProgram({Verify(), Path("r.json"), "--replay"}).exit_code, 2);
  const ProcessResult no_commitment = RunProgram({Verify(), Path("r.json"), "--model", nano(), "--level", "L4"});
  EXPECT_EQ(no_commitment.exit_code, 3);
  EXPECT_THAT(no_commitment.out, HasSubstr("ask for it (--replay, with --model and --commitment)"));
  Write("text.bnc", "hello");
  const ProcessResult text =
      RunProgram({Verify(), Path("r.json"), "--model", nano(), "--commitment", Path("text.bnc")});
  EXPECT_EQ(text.exit_code, 2);
  EXPECT_THAT(text.err, HasSubstr(Path("text.bnc") + ": "));
}

// A library that is loaded before the program can replace any part of it.
TEST_F(CliReceiptTest, PreloadedCodeIsSaidAndRefused) {
  options_.environment["LD_PRELOAD"] = "libc.so.6";
  const ProcessResult result = Infer({"--receipt", Path("r.json")});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.err, HasSubstr("L0-FLAGS"));
  EXPECT_EQ(Json(Read("r.json")).AtPath("/environment/LD_PRELOAD")->string(), "libc.so.6");
}

TEST_F(CliReceiptTest, StrictModeDoesNotBegin) {
  options_.environment["LD_LIBRARY_PATH"] = "/nowhere";
  const std::vector<std::string> infer = {"infer", "-m", nano(),      "-p",           "x",
                                          "-n",    "2",  "--receipt", Path("r.json"), "--no-commitment"};
  EXPECT_EQ(Run(infer).exit_code, 0) << "not asked to be strict";
  std::vector<std::string> strict = infer;
  strict.insert(strict.begin(), "--strict");
  const ProcessResult by_flag = Run(strict);
  options_.environment["BITNET_STRICT_MODE"] = "1";
  const ProcessResult by_variable = Run(infer);
  for (const ProcessResult& result : {by_flag, by_variable}) {
    EXPECT_NE(result.exit_code, 0);
    EXPECT_EQ(result.out, "") << "refused before the first token";
    EXPECT_THAT(result.err, HasSubstr("strict mode: "));
    EXPECT_THAT(result.err, HasSubstr("LD_LIBRARY_PATH is set"));
    EXPECT_THAT(result.err, HasSubstr("--no-commitment leaves out evidence"));
  }
}

}  // namespace
}  // namespace bitnet::xtask
