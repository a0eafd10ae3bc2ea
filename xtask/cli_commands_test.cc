// What the commands of xtask answer: infer, tokenize, inspect, gen-model, doctor.

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/gguf/gguf_editor.h"
#include "bitnet/receipt/json_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/cli_testing.h"

namespace bitnet::xtask {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr size_t kNanoVocab = 512;

std::string RawIds(const std::vector<int32_t>& ids) {
  return std::string(reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(int32_t));
}

TEST_F(CliTest, GenModelWritesTheSameBytesForTheSameSeed) {
  for (const char* name : {"a.gguf", "b.gguf"}) {
    const ProcessResult made = Run({"gen-model", "--preset", "tiny", "--seed", "7", "--out", Path(name)});
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }
  EXPECT_EQ(Read("a.gguf"), Read("b.gguf"));
  const ProcessResult other =
      Run({"gen-model", "--preset", "tiny", "--seed", "8", "-t", "3", "--out", Path("c.gguf"), "--json"});
  EXPECT_EQ(Json(other.out).Find("bytes")->AsUint64(), Read("c.gguf").size());
  EXPECT_NE(Read("a.gguf"), Read("c.gguf"));
  EXPECT_THAT(Files(), UnorderedElementsAre("a.gguf", "b.gguf", "c.gguf"));
}

TEST_F(CliTest, DumpedLogitsHaveARowForEveryTokenAndDoNotDependOnTheInstructionSet) {
  Write("ids.i32", RawIds({5, 17, 300, 42, 511}));
  const std::vector<std::string> args = {"infer",    "-m",       nano(), "--prompt-ids", Path("ids.i32"),
                                         "--greedy", "--tokens", "8",    "--ignore-eos"};
  std::vector<std::string> dumps;
  for (const char* isa : {"auto", "scalar"}) {
    for (const char* chunk : {"256", "2"}) {
      std::vector<std::string> all = args;
      const std::string name = absl::StrCat(isa, chunk, ".f32");
      all.insert(all.end(), {"--isa", isa, "--prefill-chunk", chunk, "--dump-logits", Path(name)});
      const ProcessResult result = Run(all);
      ASSERT_EQ(result.exit_code, 0) << result.err;
      dumps.push_back(Read(name));
      EXPECT_EQ(dumps.back().size(), (5 + 8) * kNanoVocab * sizeof(float));
      EXPECT_EQ(dumps.back(), dumps.front()) << isa << ", chunk " << chunk;
    }
  }
  // Greedy: each generated id is the argmax of the row before it, but for what --ignore-eos took out of the choice.
  std::vector<std::string> json = args;
  json.push_back("--json");
  const JsonValue answer = Json(Run(json).out);
  const JsonValue::Array& ids = answer.Find("output_ids")->array();
  ASSERT_EQ(ids.size(), 8u);
  // This model's answer holds bytes that are no UTF-8; JSON shows them as U+FFFD.
  EXPECT_THAT(answer.Find("text")->string(), HasSubstr("\xef\xbf\xbd"));
  std::vector<float> row(kNanoVocab);
  for (size_t i = 0; i < ids.size(); ++i) {
    std::memcpy(row.data(), dumps.front().data() + (4 + i) * kNanoVocab * sizeof(float), kNanoVocab * sizeof(float));
    const auto best = std::max_element(row.begin(), row.end()) - row.begin();
    EXPECT_EQ(ids[i].AsInt64(), best);
  }
}

TEST_F(CliTest, StdoutHoldsOnlyTheAnswer) {
  std::vector<std::string> args = {"infer", "-m", nano(), "-p", "the time", "--seed", "4", "-n", "20"};
  const ProcessResult text = Run(args);
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.err, HasSubstr("generated 20 tokens"));
  args.push_back("--json");
  const ProcessResult json = Run(args);
  const JsonValue answer = Json(json.out);
  EXPECT_EQ(json.err, "");
  EXPECT_EQ(answer.Find("output_ids")->array().size(), 20u);
  EXPECT_EQ(answer.Find("finish_reason")->string(), "length");
  EXPECT_EQ(answer.Find("seed")->AsUint64(), 4u);
  EXPECT_GT(answer.Find("prefill_ns")->AsUint64(), 0u);
  // The same seed gives the same text, streamed or not.
  std::vector<std::string> decode = {"tokenize", "-m", nano(), "--decode"};
  for (const JsonValue& id : answer.Find("output_ids")->array()) decode.push_back(absl::StrCat(*id.AsInt64()));
  EXPECT_EQ(Run(decode).out, text.out);
}

TEST_F(CliTest, SeedsComeFromFlagThenEnvironment) {
  const std::vector<std::string> args = {"infer", "-m", nano(), "-p", "x", "-n", "1", "--json"};
  std::vector<std::string> with_flag = args;
  with_flag.insert(with_flag.end(), {"--seed", "9"});
  EXPECT_THAT(Run(args).err, HasSubstr("seed ")) << "a random seed is reported";
  options_.environment["BITNET_DETERMINISTIC"] = "1";
  EXPECT_EQ(Json(Run(args).out).Find("seed")->AsUint64(), 42u);
  options_.environment["BITNET_SEED"] = "5";
  EXPECT_EQ(Json(Run(args).out).Find("seed")->AsUint64(), 5u);
  EXPECT_EQ(Json(Run(with_flag).out).Find("seed")->AsUint64(), 9u);
  EXPECT_EQ(Run(args).err, "");
}

TEST_F(CliTest, PromptsComeFromFileAndStdin) {
  const std::vector<std::string> tail = {"--greedy", "-n", "5", "--json"};
  const auto answer = [&](std::vector<std::string> args) {
    args.insert(args.begin(), {"infer", "-m", nano()});
    args.insert(args.end(), tail.begin(), tail.end());
    const ProcessResult result = Run(args);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return Json(result.out).Find("prompt_ids")->array();
  };
  const JsonValue::Array ids = answer({"-p", "some words\n"});
  EXPECT_FALSE(ids.empty());
  EXPECT_EQ(answer({"some words\n"}), ids);
  Write("prompt.txt", "some words\n");
  EXPECT_EQ(answer({"-f", Path("prompt.txt")}), ids);
  options_.input = "some words\n";
  EXPECT_EQ(answer({"-f", "-"}), ids);
}

TEST_F(CliTest, ReceiptOfInferIsAcceptedByTheStandAloneAuditor) {
  const ProcessResult result =
      Run({"infer", "-m", nano(), "-p", "x", "--greedy", "-n", "4", "--receipt", Path("run.json")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("verify: ACCEPT at L1"));
  const ProcessResult verdict = RunProgram({Verify(), Path("run.json")});
  EXPECT_EQ(verdict.exit_code, 0) << verdict.out;
  const ProcessResult comfort = Run({"verify-receipt", Path("run.json"), "--json"});
  EXPECT_EQ(comfort.exit_code, 0) << comfort.err;
  EXPECT_EQ(Json(comfort.out).Find("verdict")->string(), "ACCEPT");
  options_.input = Read("run.json");
  EXPECT_EQ(Run({"verify-receipt", "-"}).exit_code, 0);
}

TEST_F(CliTest, TokenizeRoundTrip) {
  // Words, digits, two- to four-byte characters, control characters.
  const std::string text = "Hello world, 12345 \xc3\xa9t\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x99\x82\ttab\n";
  const ProcessResult json = Run({"tokenize", "-m", nano(), "--no-bos", "--json", "--prompt", text});
  ASSERT_EQ(json.exit_code, 0) << json.err;
  const JsonValue answer = Json(json.out);
  std::vector<std::string> decode = {"tokenize", "-m", nano(), "--decode"};
  for (const JsonValue& token : answer.Find("tokens")->array()) {
    decode.push_back(absl::StrCat(*token.Find("id")->AsInt64()));
  }
  EXPECT_EQ(answer.Find("count")->AsUint64(), decode.size() - 4);
  EXPECT_EQ(Run(decode).out, text + "\n");
  options_.input = text;
  EXPECT_EQ(Run({"tokenize", "-m", nano(), "--no-bos", "--json"}).out, json.out);
}

TEST_F(CliTest, InspectFindsNothingWrongWithAnHonestFile) {
  const ProcessResult text = Run({"inspect", nano()});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_THAT(text.out, HasSubstr("blk.0.attn_q.weight"));
  EXPECT_THAT(text.out, Not(HasSubstr("PROBLEM")));
  const ProcessResult result = Run({"inspect", nano(), "--json"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  const JsonValue answer = Json(result.out);
  EXPECT_EQ(answer.Find("problems")->AsUint64(), 0u);
  EXPECT_EQ(answer.Find("metadata")->object().size(), 24u);
  ASSERT_EQ(answer.Find("tensors")->array().size(), 13u);
  for (const JsonValue& tensor : answer.Find("tensors")->array()) {
    EXPECT_EQ(tensor.Find("claimed_type")->string(), tensor.Find("actual_type")->string());
    if (tensor.Find("claimed_type")->string() != "I2_S") continue;
    const uint64_t elements = *tensor.AtPath("/shape/0")->AsUint64() * *tensor.AtPath("/shape/1")->AsUint64();
    EXPECT_EQ(
        *tensor.Find("minus_one")->AsUint64() + *tensor.Find("zero")->AsUint64() + *tensor.Find("plus_one")->AsUint64(),
        elements);
  }
  EXPECT_EQ(Json(Run({"inspect", nano(), "--no-tensors", "--json"}).out).Find("tensors")->array().size(), 0u);
}

// F16 values under an I2_S label, as some converters write them.
TEST_F(CliTest, InspectReportsALabelThatLies) {
  std::ifstream model(nano(), std::ios::binary);
  const std::string original((std::istreambuf_iterator<char>(model)), {});
  GgufEditor editor({reinterpret_cast<const uint8_t*>(original.data()), original.size()});
  GgufEditor::Tensor& tensor = editor.tensor("blk.0.ffn_up.weight");
  for (size_t i = 0; i + 1 < tensor.data.size(); i += 2) tensor.Put(i, uint16_t{0x3c00});
  const std::vector<uint8_t> bytes = editor.Bytes();
  Write("lies.gguf", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const ProcessResult result = Run({"inspect", Path("lies.gguf"), "--json"});
  EXPECT_EQ(result.exit_code, 1);
  const JsonValue answer = Json(result.out);
  EXPECT_EQ(answer.Find("problems")->AsUint64(), 1u);
  for (const JsonValue& listed : answer.Find("tensors")->array()) {
    const bool lies = listed.Find("name")->string() == "blk.0.ffn_up.weight";
    EXPECT_EQ(listed.Find("problem") != nullptr, lies);
    if (!lies) continue;
    EXPECT_EQ(listed.Find("claimed_type")->string(), "I2_S");
    EXPECT_EQ(listed.Find("actual_type")->string(), "F16?");
  }
  EXPECT_THAT(Run({"inspect", Path("lies.gguf")}).out, HasSubstr("I2_S (actual: F16?)"));
  const ProcessResult run = Run({"infer", "-m", Path("lies.gguf"), "-p", "x"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("blk.0.ffn_up.weight"));
}

TEST_F(CliTest, DoctorNamesEveryKernelThatItUses) {
  const ProcessResult result = Run({"doctor", "--isa", "scalar", "--json", "-t", "1"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const JsonValue answer = Json(result.out);
  EXPECT_GE(answer.Find("kernels")->array().size(), 12u);
  for (const JsonValue& kernel : answer.Find("kernels")->array()) {
    EXPECT_EQ(kernel.Find("self_test")->string(), "pass");
    EXPECT_THAT(kernel.Find("kernel")->string(), Not(HasSubstr("avx")));
  }
  EXPECT_EQ(answer.Find("isa_used")->array().size(), 1u);
}

TEST_F(CliTest, DoctorSaysWhoseTheMemoryOfAModelIs) {
  const ProcessResult result = Run({"doctor", "--json", "-t", "1", "-m", nano()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const JsonValue json = Json(result.out);
  ASSERT_NE(json.Find("memory"), nullptr);
  uint64_t file_size = 0;
  for (const JsonValue& part : json.Find("memory")->array()) {
    EXPECT_LE(*part.Find("resident_bytes")->AsUint64(), *part.Find("size_bytes")->AsUint64());
    if (part.Find("part")->string() == "mapped_file") file_size = *part.Find("size_bytes")->AsUint64();
  }
  if (!json.Find("memory")->array().empty()) {
    EXPECT_EQ(file_size, std::filesystem::file_size(nano()));
  }
  EXPECT_GT(*json.Find("peak_rss_bytes")->AsUint64(), 0u);
  EXPECT_THAT(Run({"doctor", "-t", "1", "-m", nano()}).out, HasSubstr("peak RSS "));
  EXPECT_EQ(Run({"doctor", "-t", "1", "-m", Path("absent.gguf")}).exit_code, 2);
}

}  // namespace
}  // namespace bitnet::xtask
