// `xtask benchmark` as a user and a program see it, and what Ctrl-C leaves of any command: nothing half-written.

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "bitnet/receipt/json_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/cli_testing.h"

namespace bitnet::xtask {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

std::vector<uint64_t> Samples(const JsonValue& row) {
  std::vector<uint64_t> samples;
  for (const JsonValue& sample : row.Find("samples_ns")->array()) samples.push_back(*sample.AsUint64());
  return samples;
}

// The lower median.
uint64_t Lower(std::vector<uint64_t> samples) {
  std::sort(samples.begin(), samples.end());
  return samples[(samples.size() - 1) / 2];
}

class CliBenchmarkTest : public CliTest {
 protected:
  // A small run with its receipt in the test's folder.
  ProcessResult Benchmark(const std::vector<std::string>& more) {
    std::vector<std::string> args = {"benchmark", "-m", nano(), "-p", "16", "-n", "8"};
    args.insert(args.end(), more.begin(), more.end());
    return Run(args);
  }
};

TEST_F(CliBenchmarkTest, TheTableEndsWithTheVerdict) {
  const ProcessResult result = Benchmark({"-r", "3", "--receipt", Path("r.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err << result.out;
  EXPECT_EQ(result.err, "") << "no progress where stderr is no terminal";
  EXPECT_THAT(result.out, HasSubstr("| pp16 "));
  EXPECT_THAT(result.out, HasSubstr("| tg8 "));
  const std::vector<std::string> lines = absl::StrSplit(absl::StripSuffix(result.out, "\n"), '\n');
  EXPECT_THAT(lines.back(), StartsWith("verify: ACCEPT at L1, "));
  EXPECT_THAT(lines.back(), HasSubstr(Path("r.json")));
  EXPECT_EQ(RunProgram({Verify(), Path("r.json")}).exit_code, 0);
  const JsonValue receipt = Json(Read("r.json"));
  EXPECT_EQ(receipt.AtPath("/evidence/perf/samples")->array().size(), 3u);
  EXPECT_EQ(receipt.AtPath("/tokens_generated")->AsUint64(), 8u);
}

TEST_F(CliBenchmarkTest, JsonHasTheFieldsOfLlamaBench) {
  const ProcessResult result = Benchmark({"-r", "3", "-o", "json", "--receipt", Path("r.json"), "-t", "2"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("verify: ACCEPT"));
  const JsonValue rows = Json(result.out);
  ASSERT_EQ(rows.array().size(), 2u);
  for (const JsonValue& row : rows.array()) {
    for (const char* name :
         {"build_commit",   "cpu_info",   "gpu_info",   "backends",  "model_filename", "model_type", "model_size",
          "model_n_params", "n_batch",    "n_ubatch",   "n_threads", "type_k",         "type_v",     "n_gpu_layers",
          "use_mmap",       "embeddings", "n_prompt",   "n_gen",     "test_time",      "avg_ns",     "stddev_ns",
          "avg_ts",         "stddev_ts",  "samples_ns", "samples_ts"}) {
      EXPECT_NE(row.Find(name), nullptr) << name;
    }
    EXPECT_EQ(row.Find("samples_ns")->array().size(), 3u);
    EXPECT_EQ(row.Find("n_threads")->AsUint64(), 2u);
    EXPECT_EQ(row.Find("verdict")->string(), "ACCEPT");
    EXPECT_EQ(row.Find("receipt")->string(), Path("r.json"));
  }
  EXPECT_EQ(rows.AtPath("/0/n_prompt")->AsUint64(), 16u);
  EXPECT_EQ(rows.AtPath("/1/n_gen")->AsUint64(), 8u);
}

TEST_F(CliBenchmarkTest, SaysWhereTheTimeWent) {
  const ProcessResult result = Benchmark({"-r", "3", "-o", "json", "--receipt", Path("r.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const JsonValue rows = Json(result.out);
  const JsonValue receipt = Json(Read("r.json"));
  for (const JsonValue& row : rows.array()) {
    EXPECT_GT(row.Find("probe_int8_gops")->double_value(), 0);
    const uint64_t total = *row.Find("ops_total_ns")->AsUint64();
    EXPECT_THAT(Samples(row), testing::Contains(total)) << "the times are of one of the repetitions";
    if (row.Find("n_gen")->AsUint64() > 0u) {
      EXPECT_EQ(total, Lower(Samples(row))) << "of the median one";
    }
    uint64_t sum = 0;
    uint64_t products = 0;
    for (const JsonValue& op : row.Find("ops")->array()) {
      sum += *op.Find("ns")->AsUint64();
      if (op.Find("op")->string() == "i2s_gemv") products = *op.Find("calls")->AsUint64();
    }
    EXPECT_NEAR(static_cast<double>(sum), static_cast<double>(total), 0.02 * static_cast<double>(total));
    const uint64_t layers = *receipt.AtPath("/evidence/model/arch/layers")->AsUint64();
    const uint64_t passes = row.Find("n_prompt")->AsUint64() == 16u ? 1 : 7;
    EXPECT_EQ(products, 7 * layers * passes) << row.Find("test")->string();
  }
  uint64_t resident = 0;
  for (const JsonValue& part : rows.AtPath("/0/memory")->array()) resident += *part.Find("resident_bytes")->AsUint64();
  EXPECT_LE(resident, *rows.AtPath("/0/peak_rss_bytes")->AsUint64() + (1u << 20));
  const ProcessResult table = Benchmark({"-r", "1", "--receipt", Path("r.json")});
  EXPECT_THAT(table.out, HasSubstr("| i2s_gemv "));
  EXPECT_THAT(table.out, HasSubstr("| between_passes "));
  EXPECT_THAT(table.out, HasSubstr("\nprobes: read "));
  EXPECT_THAT(table.out, HasSubstr("\npeak RSS "));
}

TEST_F(CliBenchmarkTest, TheReportIsAPageOfItsOwn) {
  const ProcessResult result = Benchmark({"-r", "1", "--receipt", Path("r.json"), "--report", Path("page.html")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string page = Read("page.html");
  EXPECT_THAT(page, StartsWith("<!doctype html>"));
  EXPECT_THAT(page, HasSubstr("<td>i2s_gemv</td>"));
  EXPECT_THAT(page, HasSubstr("</html>\n"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
}

TEST_F(CliBenchmarkTest, AReportThatCannotBeWrittenIsSaidBeforeTheRuns) {
  const ProcessResult result =
      Benchmark({"-r", "1", "--receipt", Path("r.json"), "--report", Path("no/such/folder/page.html")});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("no/such/folder"));
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(Files(), IsEmpty());
  // What an earlier run left is still there.
  Write("r.json", "earlier");
  EXPECT_NE(Benchmark({"--receipt", Path("r.json"), "--report", Path("none/page.html")}).exit_code, 0);
  EXPECT_NE(Benchmark({"--receipt", Path("r.json"), "--commitment", Path("none/c.bnc")}).exit_code, 0);
  EXPECT_EQ(Read("r.json"), "earlier");
}

TEST_F(CliBenchmarkTest, AReportThatCannotBeWrittenIsSaidAfterWhatWasMeasured) {
  TestingModel mini("mini", 1);
  options_.terminal = true;
  Process process({Program(), "benchmark", "-m", mini.path(), "-p", "64", "-n", "32", "-r", "2", "--receipt",
                   Path("r.json"), "--report", Path("page.html")},
                  options_);
  ASSERT_TRUE(process.WaitFor("warm-up"));
  std::filesystem::create_directory(Path("page.html"));
  const ProcessResult result = process.Wait();
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("page.html"));
  EXPECT_THAT(result.out, HasSubstr("| tg32 "));
  EXPECT_THAT(result.out, HasSubstr("verify: ACCEPT at L1, "));
  EXPECT_EQ(RunProgram({Verify(), Path("r.json")}).exit_code, 0);
}

TEST_F(CliBenchmarkTest, WhatIsWrittenIsNoOtherFileOfTheCommandLine) {
  std::filesystem::copy_file(nano(), Path("m.gguf"));
  const std::string model = Read("m.gguf");
  Write("r.json", "earlier");
  std::filesystem::create_symlink("m.gguf", Path("link"));
  const std::vector<std::vector<std::string>> commands = {
      {"benchmark", "--receipt", Path("r.json"), "--report", Path("r.json")},
      {"benchmark", "--receipt", Path("r.json"), "--commitment", Path("./r.json")},
      {"benchmark", "--receipt", Path("m.gguf")},
      {"benchmark", "--receipt", Path("link")},
      {"infer", "-p", "x", "--receipt", Path("r.json"), "--dump-logits", Path("r.json")},
      {"infer", "-p", "x", "--receipt", Path("r.json"), "--commitment", Path("m.gguf")},
      {"infer", "--prompt-ids", Path("r.json"), "--receipt", Path("r.json")},
      {"infer", "-p", "x", "--dump-logits", Path("m.gguf")},
  };
  for (std::vector<std::string> command : commands) {
    command.insert(command.begin() + 1, {"-m", Path("m.gguf")});
    const ProcessResult result = Run(command);
    EXPECT_EQ(result.exit_code, 2) << testing::PrintToString(command);
    EXPECT_THAT(result.err, HasSubstr(": the same file as --")) << testing::PrintToString(command);
    EXPECT_EQ(result.out, "");
  }
  EXPECT_EQ(Read("r.json"), "earlier");
  EXPECT_EQ(Read("m.gguf"), model);
}

TEST_F(CliBenchmarkTest, JsonLinesAndCsvHaveOneLineForEachTest) {
  const ProcessResult jsonl = Benchmark({"-r", "3", "-o", "jsonl", "--receipt", Path("r.json")});
  ASSERT_EQ(jsonl.exit_code, 0) << jsonl.err;
  const std::vector<std::string> lines = absl::StrSplit(absl::StripSuffix(jsonl.out, "\n"), '\n');
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(Json(lines[0]).Find("test")->string(), "pp16");
  EXPECT_EQ(Json(lines[1]).Find("test")->string(), "tg8");

  const ProcessResult csv = Benchmark({"-r", "1", "-o", "csv", "--receipt", Path("r.json")});
  ASSERT_EQ(csv.exit_code, 0) << csv.err;
  const std::vector<std::string> table = absl::StrSplit(absl::StripSuffix(csv.out, "\n"), '\n');
  ASSERT_EQ(table.size(), 3u);
  EXPECT_THAT(table[0], StartsWith("build_commit,build_number,cpu_info,gpu_info,backends,model_filename"));
  const size_t columns = std::vector<std::string>(absl::StrSplit(table[0], ',')).size();
  for (size_t i = 1; i < table.size(); ++i) {
    const std::vector<std::string> fields = absl::StrSplit(table[i], "\",\"");
    EXPECT_EQ(fields.size(), columns);
  }
}

TEST_F(CliBenchmarkTest, SequencesTogether) {
  const ProcessResult result = Benchmark({"-r", "5", "-o", "json", "--receipt", Path("r.json"), "--parallel", "3"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("verify: ACCEPT"));
  const JsonValue rows = Json(result.out);
  ASSERT_EQ(rows.array().size(), 3u);
  EXPECT_EQ(rows.array()[1].Find("n_parallel")->AsUint64(), 1u);
  const JsonValue& together = rows.array()[2];
  EXPECT_EQ(together.Find("test")->string(), "tg8x3");
  EXPECT_EQ(together.Find("n_parallel")->AsUint64(), 3u);
  EXPECT_EQ(together.Find("timed_tokens")->AsUint64(), 21u) << "the first token of each is chosen in its prefill";
  EXPECT_EQ(Samples(together).size(), 5u);
  EXPECT_EQ(together.Find("ops_total_ns")->AsUint64(), Lower(Samples(together))) << "its own median repetition";
  EXPECT_EQ(rows.array()[1].Find("verdict")->string(), "ACCEPT");
  EXPECT_EQ(together.Find("verdict")->string(), "") << "no receipt describes it";
  EXPECT_EQ(together.Find("receipt")->string(), "");
  EXPECT_EQ(Benchmark({"--parallel", "17"}).exit_code, 2);
  const ProcessResult one = Run({"benchmark", "-m", nano(), "-p", "16", "-n", "1", "--parallel", "2"});
  EXPECT_EQ(one.exit_code, 2);
  EXPECT_THAT(one.err, HasSubstr("ask for -n 2"));
}

TEST_F(CliBenchmarkTest, OneTokenAndOneRepetitionAreEnough) {
  const ProcessResult result =
      Run({"benchmark", "-m", nano(), "-p", "1", "-n", "1", "-r", "1", "--receipt", Path("r.json")});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, Not(HasSubstr(" nan ")));
  EXPECT_THAT(result.out, Not(HasSubstr(" inf ")));
}

TEST_F(CliBenchmarkTest, ReceiptsGoToTheCacheFolder) {
  namespace fs = std::filesystem;
  const auto receipts = [](const std::string& folder) {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(folder)) count += entry.path().extension() == ".json";
    return count;
  };
  EXPECT_EQ(Benchmark({"-r", "1"}).exit_code, 0);
  EXPECT_EQ(receipts(Path("cache/bitnet/receipts")), 1);
  options_.environment = {{"HOME", Path("home")}};
  EXPECT_EQ(Benchmark({"-r", "1"}).exit_code, 0);
  EXPECT_EQ(receipts(Path("home/.cache/bitnet/receipts")), 1);
  options_.environment = {};
  options_.directory = Path("home");
  EXPECT_EQ(Benchmark({"-r", "1"}).exit_code, 0);
  EXPECT_EQ(receipts(Path("home/.bitnet-cache/receipts")), 1);
}

TEST_F(CliBenchmarkTest, InterruptedBenchmarkLeavesNoReceipt) {
  TestingModel mini("mini", 1);
  options_.terminal = true;
  Process process({Program(), "benchmark", "-m", mini.path(), "-n", "3000", "--receipt", Path("r.json")}, options_);
  ASSERT_TRUE(process.WaitFor("warm-up"));
  process.Signal(SIGINT);
  const ProcessResult result = process.Wait();
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_THAT(result.err, HasSubstr("interrupted"));
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(CliBenchmarkTest, InterruptedInferLeavesAReceiptThatIsRefusedAndNothingElse) {
  TestingModel mini("mini", 1);
  Process process({Program(), "infer", "-m", mini.path(), "-p", "x", "--greedy", "--ignore-eos", "-n", "4000",
                   "--receipt", Path("r.json"), "--dump-logits", Path("l.f32")},
                  options_);
  ASSERT_TRUE(process.WaitForOutput());
  process.Signal(SIGINT);
  const ProcessResult result = process.Wait();
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_THAT(result.err, HasSubstr("finish: interrupted"));
  EXPECT_THAT(Files(), ElementsAre("r.json"));
  EXPECT_EQ(Json(Read("r.json")).AtPath("/evidence/outcome/status")->string(), "aborted");
  const ProcessResult verdict = RunProgram({Verify(), Path("r.json")});
  EXPECT_EQ(verdict.exit_code, 1) << verdict.out;
}

TEST_F(CliBenchmarkTest, InterruptedGenModelLeavesNothing) {
  options_.terminal = true;
  Process process({Program(), "gen-model", "--preset", "2b-4t", "--out", Path("m.gguf")}, options_);
  ASSERT_TRUE(process.WaitFor("%"));
  process.Signal(SIGTERM);
  const ProcessResult result = process.Wait();
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_THAT(Files(), IsEmpty());
}

// The second Ctrl-C kills, and still nothing is half-written.
TEST_F(CliBenchmarkTest, KilledGenModelLeavesNothing) {
  options_.terminal = true;
  Process process({Program(), "gen-model", "--preset", "2b-4t", "--out", Path("m.gguf")}, options_);
  ASSERT_TRUE(process.WaitFor("%"));
  process.Signal(SIGKILL);
  EXPECT_EQ(process.Wait().exit_code, 128 + SIGKILL);
  EXPECT_THAT(Files(), IsEmpty());
}

}  // namespace
}  // namespace bitnet::xtask
