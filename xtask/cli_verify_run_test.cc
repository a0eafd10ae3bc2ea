// `verify run`: the auditor launches this program, and others that cheat.

#include <filesystem>
#include <string>
#include <vector>

#include "bitnet/receipt/json_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/cli_testing.h"

namespace bitnet::xtask {
namespace {

using testing::HasSubstr;
using testing::Not;

class CliVerifyRunTest : public CliTest {
 protected:
  // verify run --out audit OPTIONS -- COMMAND
  ProcessResult Launch(const std::vector<std::string>& options, const std::vector<std::string>& command) {
    std::vector<std::string> args = {Verify(), "run", "--out", Path("audit")};
    args.insert(args.end(), options.begin(), options.end());
    args.emplace_back("--");
    args.insert(args.end(), command.begin(), command.end());
    return RunProgram(args);
  }
  std::vector<std::string> Infer() const {
    return {Program(), "infer", "-m",          nano(),        "-p",        "x",        "--greedy",
            "-n",      "4",     "--challenge", "{challenge}", "--receipt", "{receipt}"};
  }
  // The same as a line of a shell.
  std::string InferLine(const std::string& receipt = "{receipt}") const {
    return Program() + " infer -m " + nano() + " -p x --greedy -n 4 --challenge {challenge} --receipt " + receipt;
  }
  static std::vector<std::string> Shell(const std::string& script) { return {"/bin/sh", "-c", script}; }
};

TEST_F(CliVerifyRunTest, AnHonestRunIsAcceptedWithItsTimeOutside) {
  const ProcessResult result = Launch({}, Infer());
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  for (const char* rule : {"L1-LAUNCH", "L1-NONCE", "L1-OUTER"}) {
    EXPECT_THAT(result.out, Says("PASS", rule));
  }
  EXPECT_THAT(result.out,
              Says("PASS", "L1-OUTER", "s outside, [0-9.]+ s of it unexplained; at least [0-9.]+ tokens a "));
  EXPECT_THAT(result.err, HasSubstr("verify run: ended well, "));
  EXPECT_EQ(Json(Read("audit/receipt.json")).AtPath("/evidence/challenge/nonce")->string(),
            Json(Read("audit/challenge.json")).Find("nonce")->string());
  EXPECT_EQ(Json(Read("audit/report.json")).Find("verdict")->string(), "ACCEPT");
  EXPECT_THAT(RunProgram({Verify(), Path("audit/receipt.json")}).out, Not(HasSubstr("L1-LAUNCH")))
      << "an audit of the file alone saw no launch";
}

TEST_F(CliVerifyRunTest, ItsOutputIsComputedAgain) {
  const ProcessResult result =
      Launch({"--model", nano(), "--replay", "--json"},
             {Program(), "benchmark", "-m", nano(), "-p", "16", "-n", "8", "-r", "2", "--challenge", "{challenge}",
              "--receipt", "{receipt}", "--commitment", "{commitment}"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(Json(result.out).Find("verdict")->string(), "ACCEPT");
  EXPECT_EQ(Json(result.out).Find("level")->string(), "L4");
}

// A line that gives a receipt a commit if its program was built without git: an envelope must bind one.
std::string WithCommit(const std::string& receipt) {
  return "sed -i 's/\"unknown\"/\"" + std::string(40, 'c') + "\"/' " + receipt;
}

TEST_F(CliVerifyRunTest, ASignedReceiptAnswersTheChallengeToo) {
  ASSERT_EQ(Run({"keygen", "--out", Path("ci")}).exit_code, 0);
  Write("nonces", "");
  const std::string receipt = Path("r.json");
  const ProcessResult result = Launch({"--key", Path("ci.pub"), "--ledger", Path("nonces"), "--model", nano()},
                                      Shell(InferLine(receipt) + " && " + WithCommit(receipt) + " && " + Program() +
                                            " sign " + receipt + " --key " + Path("ci.key") + " --out {receipt}"));
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, Says("PASS", "L3-FRESH"));
  EXPECT_THAT(result.out, Says("PASS", "L1-NONCE"));
  EXPECT_THAT(Read("nonces"), HasSubstr(Json(Read("audit/challenge.json")).Find("nonce")->string()));
}

// T15: an honest receipt of another run.
TEST_F(CliVerifyRunTest, ACannedReceiptIsRejected) {
  ASSERT_EQ(Launch({}, Infer()).exit_code, 0);
  Write("canned.json", Read("audit/receipt.json"));
  std::filesystem::remove_all(Path("audit"));
  ProcessResult result = Launch({}, {"/bin/cp", Path("canned.json"), "{receipt}"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.out, Says("FAIL", "L1-NONCE"));
  // With the nonce typed in it is another run than the one committed to.
  std::filesystem::remove_all(Path("audit"));
  result = Launch({}, Shell("nonce=$(sed -n 's/.*\"nonce\": \"\\([0-9a-f]*\\)\".*/\\1/p' {challenge}); "
                            "sed \"s/\\\"nonce\\\": \\\"[0-9a-f]*\\\"/\\\"nonce\\\": \\\"$nonce\\\"/\" " +
                            Path("canned.json") + " > {receipt}"));
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.out, Says("PASS", "L1-NONCE"));
  EXPECT_THAT(result.out, Says("FAIL", "L1-TRACE"));
}

// T18: the run takes long and its receipt says that it did not.
TEST_F(CliVerifyRunTest, TimeThatTheReceiptDoesNotExplainIsBounded) {
  Write("policy.json", R"({"max_unexplained_percent": 40})");
  const ProcessResult result = Launch({"--policy", Path("policy.json")}, Shell("sleep 2; " + InferLine()));
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_THAT(result.out, Says("FAIL", "L1-OUTER", "the policy takes 40 % unexplained at most"));
}

// T02: a receipt of a run that failed.
TEST_F(CliVerifyRunTest, AProgramThatFailsIsRejectedWhateverItWrote) {
  ProcessResult result = Launch({}, Shell(InferLine() + "; echo broken >&2; exit 1"));
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.out, Says("FAIL", "L1-LAUNCH", "exit code 1"));
  EXPECT_THAT(result.out, Says("PASS", "L1-NONCE"));
  std::filesystem::remove_all(Path("audit"));
  result = Launch({"--model", nano(), "--replay"}, Shell("kill -KILL $$"));
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.out, HasSubstr("signal 9"));
  std::filesystem::remove_all(Path("audit"));
  result = Launch({"--timeout", "1s"}, {"/bin/sleep", "1000"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.out, HasSubstr("killed after 1s"));
  EXPECT_THAT(result.err, HasSubstr("verify run: failed: killed after 1s"));
}

TEST_F(CliVerifyRunTest, WhatIsNoReceiptIsMalformed) {
  const ProcessResult result = Launch({}, {"/bin/cp", "{challenge}", "{receipt}"});
  EXPECT_NE(result.exit_code, 0) << result.out;
  std::filesystem::remove_all(Path("audit"));
  EXPECT_EQ(Launch({}, Shell("echo nonsense > {receipt}")).exit_code, 2);
}

TEST_F(CliVerifyRunTest, WhatCannotBeMeantIsRefusedByName) {
  EXPECT_EQ(RunProgram({Verify(), "run", "--out", Path("audit")}).exit_code, 2);
  EXPECT_EQ(Launch({"--level", "L0"}, Infer()).exit_code, 2);
  EXPECT_EQ(Launch({"--timeout", "soon"}, Infer()).exit_code, 2);
  EXPECT_EQ(Launch({"--challenge", "x"}, Infer()).exit_code, 2) << "its challenge is its own";
  EXPECT_EQ(Launch({"--policy", Path("none.json")}, Infer()).exit_code, 2) << "said before the run";
  EXPECT_EQ(Launch({"--ledger", Path("none")}, Infer()).exit_code, 2) << "so is this";
  EXPECT_FALSE(std::filesystem::exists(Path("audit")));
  const ProcessResult result = Launch({}, {"/no/such/program"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("cannot run /no/such/program"));
  EXPECT_THAT(Launch({}, Infer()).err, HasSubstr("expected a new or empty folder"));
  EXPECT_THAT(RunProgram({Verify(), "run", "--help"}).out, HasSubstr("Examples:"));
}

}  // namespace
}  // namespace bitnet::xtask
