// --speculate changes how a run is computed and what its receipt says of that, and nothing else: tokens, text, numerics
// root and verdicts are those of a run without.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "bitnet/engine/repeating_model.h"
#include "bitnet/receipt/json_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/cli_testing.h"

namespace bitnet::xtask {
namespace {

using testing::HasSubstr;
using testing::Not;

class CliSpeculateTest : public CliTest {
 protected:
  CliSpeculateTest() { WriteRepeatingModel(nano(), Model()); }

  std::string Model() const { return Path("repeating.gguf"); }

  // Receipt and commitment in `name`.json and `name`.bnc.
  ProcessResult Infer(const std::string& name, const std::vector<std::string>& more) {
    std::vector<std::string> args = {"infer",
                                     "-m",
                                     Model(),
                                     "-p",
                                     "say it again, say it again",
                                     "-n",
                                     "24",
                                     "--ignore-eos",
                                     "--receipt",
                                     Path(name + ".json"),
                                     "--commitment",
                                     Path(name + ".bnc")};
    args.insert(args.end(), more.begin(), more.end());
    return Run(args);
  }

  // With everything that recomputes.
  ProcessResult VerifyAll(const std::string& name) {
    return RunProgram({Verify(), Path(name + ".json"), "--model", Model(), "--commitment", Path(name + ".bnc"),
                       "--replay", "--independent"});
  }
};

TEST_F(CliSpeculateTest, TheSameAnswerAndTheSameVerdict) {
  const std::vector<std::string> kSamplings[] = {
      {"--greedy"},
      {"--temperature", "1.5", "--top-k", "40", "--seed", "3"},
      {"--temperature", "0.8", "--top-k", "0", "--top-p", "0.9", "--repetition-penalty", "1.1", "--seed", "4"}};
  for (const std::vector<std::string>& sampling : kSamplings) {
    SCOPED_TRACE(sampling[1 % sampling.size()]);
    std::vector<std::string> json = sampling;
    json.insert(json.end(), {"--json", "--speculate", "0"});
    const ProcessResult plain = Infer("plain", json);
    ASSERT_EQ(plain.exit_code, 0) << plain.err;
    json.back() = "7";
    const ProcessResult drafted = Infer("drafted", json);
    ASSERT_EQ(drafted.exit_code, 0) << drafted.err;
    const JsonValue without = Json(plain.out), with = Json(drafted.out);
    EXPECT_EQ(with.Find("text")->string(), without.Find("text")->string());
    for (int i = 0; i < 24; ++i) {
      const std::string path = absl::StrCat("/output_ids/", i);
      EXPECT_EQ(with.AtPath(path)->AsUint64(), without.AtPath(path)->AsUint64()) << path;
    }
    EXPECT_EQ(without.Find("drafted")->AsUint64(), 0u);
    EXPECT_GT(*with.Find("accepted")->AsUint64(), 0u);
    const JsonValue plain_receipt = Json(Read("plain.json")), receipt = Json(Read("drafted.json"));
    EXPECT_EQ(plain_receipt.AtPath("/evidence/speculation"), nullptr);
    EXPECT_EQ(receipt.AtPath("/evidence/speculation/drafted")->AsUint64(), with.Find("drafted")->AsUint64());
    EXPECT_EQ(receipt.AtPath("/evidence/speculation/accepted")->AsUint64(), with.Find("accepted")->AsUint64());
    for (const char* same :
         {"/evidence/trace/numerics_root", "/evidence/trace/session", "/evidence/tokens/output_ids_digest"}) {
      EXPECT_EQ(receipt.AtPath(same)->string(), plain_receipt.AtPath(same)->string()) << same;
    }
    for (const char* name : {"plain", "drafted"}) {
      const ProcessResult verified = VerifyAll(name);
      EXPECT_EQ(verified.exit_code, 0) << name << "\n" << verified.out << verified.err;
      EXPECT_THAT(verified.out, HasSubstr("ACCEPT at level L4")) << name;
    }
  }
}

TEST_F(CliSpeculateTest, TheSummarySaysWhatWasDrafted) {
  const ProcessResult plain = Infer("r", {"--greedy", "--speculate", "0"});
  const ProcessResult drafted = Infer("r", {"--greedy", "--speculate", "15"});
  EXPECT_EQ(drafted.out, plain.out);
  EXPECT_THAT(plain.err, Not(HasSubstr("drafted")));
  EXPECT_THAT(drafted.err, HasSubstr(" drafted tokens accepted; finish: length"));
  EXPECT_EQ(Infer("r", {"--speculate", "16"}).exit_code, 2);
  EXPECT_EQ(Infer("r", {"--speculate", "-1"}).exit_code, 2);
}

// What a cheat would like to say of its drafts.
TEST_F(CliSpeculateTest, LiesAboutDraftsAreRefused) {
  ASSERT_EQ(Infer("r", {"--greedy", "--speculate", "7"}).exit_code, 0);
  const std::string honest = Read("r.json");
  const JsonValue receipt = Json(honest);
  const uint64_t accepted = *receipt.AtPath("/evidence/speculation/accepted")->AsUint64();
  ASSERT_EQ(VerifyAll("r").exit_code, 0);
  for (const uint64_t said : {accepted - 1, accepted + 1}) {
    Write("r.json", absl::StrReplaceAll(
                        honest, {{absl::StrCat("\"accepted\": ", accepted), absl::StrCat("\"accepted\": ", said)}}));
    const ProcessResult verified = VerifyAll("r");
    EXPECT_EQ(verified.exit_code, 1);
    EXPECT_THAT(verified.out, Says("FAIL", "L1-DRAFT"));
  }
}

TEST_F(CliSpeculateTest, BenchmarksDraftWhenAsked) {
  const auto benchmark = [&](const std::vector<std::string>& more) {
    std::vector<std::string> args = {"benchmark", "-m", Model(), "-p",   "16",        "-n",          "24",
                                     "-r",        "2",  "-o",    "json", "--receipt", Path("r.json")};
    args.insert(args.end(), more.begin(), more.end());
    return Run(args);
  };
  const ProcessResult plain = benchmark({});
  ASSERT_EQ(plain.exit_code, 0) << plain.err;
  EXPECT_EQ(Json(plain.out).AtPath("/1/test")->string(), "tg24");
  EXPECT_EQ(Json(plain.out).AtPath("/1/drafted")->AsUint64(), 0u);
  EXPECT_EQ(Json(Read("r.json")).AtPath("/evidence/speculation"), nullptr);
  const ProcessResult drafted = benchmark({"--speculate", "7"});
  ASSERT_EQ(drafted.exit_code, 0) << drafted.err;
  EXPECT_EQ(Json(drafted.out).AtPath("/1/test")->string(), "tg24+7");
  EXPECT_GT(*Json(drafted.out).AtPath("/1/accepted")->AsUint64(), 0u);
  EXPECT_EQ(Json(drafted.out).AtPath("/1/output_ids_digest")->string(),
            Json(plain.out).AtPath("/1/output_ids_digest")->string());
  EXPECT_EQ(RunProgram({Verify(), Path("r.json")}).exit_code, 0);
}

}  // namespace
}  // namespace bitnet::xtask
