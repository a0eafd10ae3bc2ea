// What batch answers on the command line: for every prompt what infer answers.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "bitnet/gguf/gguf_editor.h"
#include "bitnet/receipt/json_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/cli_testing.h"

namespace bitnet::xtask {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class BatchCliTest : public CliTest {
 protected:
  // The lines of stdout.
  std::vector<JsonValue> Batch(std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"batch", "-m", nano(), "-f", Path("prompts.jsonl")});
    const ProcessResult result = Run(flags);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    err_ = result.err;
    std::vector<JsonValue> lines;
    for (const auto line : absl::StrSplit(absl::StripSuffix(result.out, "\n"), '\n')) {
      lines.push_back(Json(std::string(line)));
    }
    return lines;
  }

  std::string err_;
};

TEST_F(BatchCliTest, AnswersAsInferDoes) {
  std::vector<std::string> prompts;
  std::string input;
  for (int i = 0; i < 5; ++i) {
    prompts.push_back(absl::StrCat("Some words that all of them begin with, and then number ", i * i));
    absl::StrAppend(&input, "{\"id\": \"q", i, "\", \"prompt\": \"", prompts.back(), "\"}\n");
  }
  Write("prompts.jsonl", input);
  for (const std::vector<std::string>& sampling :
       {std::vector<std::string>{"--greedy"}, {"--seed", "4", "--temperature", "2"}}) {
    std::vector<JsonValue> alone;
    for (const std::string& prompt : prompts) {
      std::vector<std::string> args = {"infer", "-m", nano(), "-p", prompt, "-n", "9", "--json"};
      args.insert(args.end(), sampling.begin(), sampling.end());
      alone.push_back(Json(Run(args).out));
    }
    for (const char* parallel : {"1", "2", "8"}) {
      for (const bool reuse : {true, false}) {
        SCOPED_TRACE(absl::StrCat(sampling[0], " ", parallel, reuse ? "" : " --no-reuse"));
        std::vector<std::string> flags = {"-n", "9", "--parallel", parallel};
        if (!reuse) flags.push_back("--no-reuse");
        flags.insert(flags.end(), sampling.begin(), sampling.end());
        const std::vector<JsonValue> lines = Batch(flags);
        ASSERT_EQ(lines.size(), prompts.size());
        for (size_t i = 0; i < lines.size(); ++i) {
          EXPECT_EQ(lines[i].Find("line")->AsUint64(), i + 1);
          EXPECT_EQ(lines[i].Find("id")->string(), absl::StrCat("q", i));
          EXPECT_EQ(*lines[i].Find("output_ids"), *alone[i].Find("output_ids"));
          EXPECT_EQ(*lines[i].Find("text"), *alone[i].Find("text"));
          EXPECT_EQ(*lines[i].Find("finish_reason"), *alone[i].Find("finish_reason"));
          const size_t tokens = alone[i].Find("prompt_ids")->array().size();
          EXPECT_EQ(lines[i].Find("prompt_tokens")->AsUint64(), tokens);
          const uint64_t reused = *lines[i].Find("reused_tokens")->AsUint64();
          EXPECT_EQ(reused > 0, reuse && i > 0);
          EXPECT_LT(reused, tokens);
        }
        EXPECT_THAT(err_, HasSubstr("5 of 5 prompts"));
      }
    }
  }
}

// With an end-of-generation token that the second of two prompts gets to first: its output waits for the first one's.
TEST_F(BatchCliTest, PrintsInTheOrderOfTheInput) {
  Write("prompts.jsonl", "{\"prompt_ids\": [1, 2, 3]}\n{\"prompt_ids\": [200, 7, 90, 14]}\n");
  const std::vector<JsonValue> whole = Batch({"--seed", "3", "--temperature", "3", "-n", "12"});
  ASSERT_EQ(whole.size(), 2u);
  const uint64_t eos = *whole[1].Find("output_ids")->array()[3].AsUint64();
  const std::string ends = Path("ends.gguf");
  WriteEdited(nano(), ends,
              [&](GgufEditor& editor) { editor.SetU32("tokenizer.ggml.eos_token_id", static_cast<uint32_t>(eos)); });
  const ProcessResult result =
      Run({"batch", "-m", ends, Path("prompts.jsonl"), "--seed", "3", "--temperature", "3", "-n", "12"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::vector<std::string> lines = absl::StrSplit(absl::StripSuffix(result.out, "\n"), '\n');
  ASSERT_EQ(lines.size(), 2u);
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(Json(lines[i]).Find("line")->AsUint64(), i + 1);
  const JsonValue second = Json(lines[1]);
  EXPECT_EQ(second.Find("finish_reason")->string(), "eos");
  EXPECT_LE(second.Find("output_ids")->array().size(), 4u);
  EXPECT_GT(Json(lines[0]).Find("output_ids")->array().size(), second.Find("output_ids")->array().size());
}

TEST_F(BatchCliTest, TakesIdsAndStandardInput) {
  Write("prompts.jsonl", "{\"prompt_ids\": [1, 2, 3]}\n");
  const std::vector<JsonValue> lines = Batch({"--greedy", "-n", "3"});
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].Find("id"), nullptr);
  EXPECT_EQ(lines[0].Find("output_ids")->array().size(), 3u);
  options_.input = "{\"prompt_ids\": [1, 2, 3]}";
  const ProcessResult piped = Run({"batch", "-m", nano(), "-", "--greedy", "-n", "3"});
  ASSERT_EQ(piped.exit_code, 0) << piped.err;
  EXPECT_EQ(*Json(piped.out).Find("output_ids"), *lines[0].Find("output_ids"));
}

TEST_F(BatchCliTest, RefusesBeforeAnythingRuns) {
  const auto refuse = [&](const std::string& input, const std::string& reason) {
    Write("prompts.jsonl", input);
    const ProcessResult result =
        Run({"batch", "-m", nano(), "-f", Path("prompts.jsonl"), "--greedy", "-n", "4", "--context", "8"});
    EXPECT_EQ(result.exit_code, 2) << input;
    EXPECT_THAT(result.out, IsEmpty()) << input;
    EXPECT_THAT(result.err, HasSubstr(reason)) << input;
    EXPECT_THAT(result.err, HasSubstr("prompts.jsonl: ")) << input;
  };
  const std::string good = "{\"prompt_ids\": [1]}\n\n";
  refuse("", "no prompts");
  refuse(good + "{\"prompt\": 1}\n", "line 3: expected");
  refuse(good + "{\"prompt_ids\": [1, 512]}\n", "line 3: token 1: expected an id in 0..511, got 512");
  refuse(good + "{\"prompt_ids\": [1, 2, 3, 4, 5, 6]}\n", "line 3: 6 tokens and 4 to generate do not fit");
  options_.input = "{\"prompt\": 1}";
  EXPECT_THAT(Run({"batch", "-m", nano(), "-"}).err, HasSubstr("standard input: line 1: expected"));
  EXPECT_EQ(Run({"batch", "-m", nano(), "-f", Path("prompts.jsonl"), "--parallel", "17"}).exit_code, 2);
  EXPECT_EQ(Run({"batch", "-m", nano(), "-f", Path("nothing.jsonl")}).exit_code, 2);
}

}  // namespace
}  // namespace bitnet::xtask
