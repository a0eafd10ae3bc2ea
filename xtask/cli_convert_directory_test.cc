// xtask convert of Hugging Face directories: the report says what their scales were taken for, and the model infers.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "bitnet/convert/hf_directory.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/receipt/json_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/cli_testing.h"

namespace bitnet::xtask {
namespace {

using testing::HasSubstr;
using testing::Not;

class CliConvertDirectoryTest : public CliTest {
 protected:
  // in.gguf, and the same model as a directory.
  void MakeModels(const HfDirectoryOptions& options) {
    CHECK_EQ(Run({"gen-model", "--preset", "nano", "--seed", "3", "--out", Path("nano.gguf")}).exit_code, 0);
    const std::string bytes = Read("nano.gguf");
    const auto changed = WithPowerOfTwoScales({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
    Write("in.gguf", {reinterpret_cast<const char*>(changed.data()), changed.size()});
    const auto file = GgufFile::Parse(changed);
    CHECK(file.ok()) << file.status();
    MakeHfDirectory(*file, options).Write(Path("synthetic-nano-seed-3"));
  }
  std::string Directory() { return Path("synthetic-nano-seed-3"); }
};

TEST_F(CliConvertDirectoryTest, GivesTheFileThatItWasMadeFrom) {
  MakeModels({.weights = HfWeights::kPackedInverse});
  const ProcessResult text = Run({"convert", Directory() + "/", Path("out.gguf"), "--to", "i2_s", "--verify"});
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("safetensors packed u8 with inverse scales to i2_s, 7 ternary tensors of 13"));
  EXPECT_THAT(text.out, HasSubstr("note: weight scales are inverse: linear_class is bitlinear\n"));
  EXPECT_THAT(text.out, HasSubstr("note: token_embd.weight: every value is exact in F16\n"));
  EXPECT_THAT(text.out, HasSubstr("7 tensors equal in every trit and scale, 6 in every byte"));
  EXPECT_EQ(Read("out.gguf"), Read("in.gguf"));
  const ProcessResult json = Run({"convert", Directory(), Path("q2.gguf"), "--to", "q2_0", "--verify", "--json"});
  ASSERT_EQ(json.exit_code, 0) << json.err;
  const JsonValue report = Json(json.out);
  EXPECT_EQ(report.Find("notes")->array().size(), 2u);
  EXPECT_EQ(report.AtPath("/verified/ternary_digest_before")->string(),
            report.AtPath("/verified/ternary_digest_after")->string());
  const ProcessResult infer = Run({"infer", "-m", Path("q2.gguf"), "-p", "some words", "--greedy", "-n", "3"});
  EXPECT_EQ(infer.exit_code, 0) << infer.err;
}

TEST_F(CliConvertDirectoryTest, WeightScaleOverridesTheConfiguration) {
  MakeModels({});
  const ProcessResult inverse =
      Run({"convert", Directory(), Path("inverse.gguf"), "--to", "i2_s", "--weight-scale", "inverse"});
  ASSERT_EQ(inverse.exit_code, 0) << inverse.err;
  EXPECT_THAT(inverse.out, HasSubstr("weight scales are inverse, as asked for with --weight-scale"));
  EXPECT_THAT(Read("inverse.gguf"), Not(Read("in.gguf")));
  const struct {
    std::vector<std::string> args;
    std::string message;
  } refusals[] = {
      {{Directory(), Path("o"), "--to", "i2_s", "--weight-scale", "half"},
       "--weight-scale: weight scale: expected direct or inverse, got"},
      {{Directory(), Path("o"), "--to", "i2_s", "--from", "i2_s_64"}, "--from: is for GGUF files"},
      {{Path("in.gguf"), Path("o"), "--to", "i2_s", "--weight-scale", "direct"},
       "--weight-scale: is for Hugging Face directories"},
      {{Path(""), Path("o"), "--to", "i2_s"}, "expected config.json, found none"},
  };
  for (const auto& refusal : refusals) {
    std::vector<std::string> args = {"convert"};
    args.insert(args.end(), refusal.args.begin(), refusal.args.end());
    const ProcessResult result = Run(args);
    EXPECT_EQ(result.exit_code, 2) << refusal.message << "\n" << result.err;
    EXPECT_THAT(result.err, HasSubstr(refusal.message));
  }
}

// By name, by link, and whichever part of the directory it is.
TEST_F(CliConvertDirectoryTest, NoFileOfTheInputIsEverReplaced) {
  MakeModels({.weights = HfWeights::kPackedInverse});
  const std::string weights = Read("synthetic-nano-seed-3/model.safetensors");
  std::filesystem::create_symlink(Directory() + "/model.safetensors", Path("link"));
  for (const std::string& out : {Directory() + "/model.safetensors", Directory() + "/config.json",
                                 Directory() + "/tokenizer.json", Path("link")}) {
    const ProcessResult refused = Run({"convert", Directory(), out, "--to", "i2_s", "--force"});
    EXPECT_EQ(refused.exit_code, 2) << out;
    EXPECT_THAT(refused.err, HasSubstr(out + " is "));
    EXPECT_THAT(refused.err, HasSubstr(", which is read; a conversion goes into another file"));
  }
  EXPECT_EQ(Read("synthetic-nano-seed-3/model.safetensors"), weights);
  // Another file in the same place is no input.
  const std::string beside = Directory() + "/model.gguf";
  EXPECT_EQ(Run({"convert", Directory(), beside, "--to", "i2_s", "--verify"}).exit_code, 0);
  EXPECT_EQ(Run({"convert", Directory(), beside, "--to", "i2_s", "--force"}).exit_code, 0);
}

TEST_F(CliConvertDirectoryTest, MasterWeightsOfATrainingRunAreQuantizedOnlyWhenAsked) {
  MakeModels({.weights = HfWeights::kMaster});
  const auto file = Read("in.gguf");
  HfDirectory model = MakeHfDirectory(*GgufFile::Parse({reinterpret_cast<const uint8_t*>(file.data()), file.size()}),
                                      {.weights = HfWeights::kMaster});
  model.Tensor("model.layers.0.mlp.gate_proj.weight").bytes[1] ^= 2;
  model.Write(Directory());
  const ProcessResult refused = Run({"convert", Directory(), Path("out.gguf"), "--to", "i2_s"});
  EXPECT_EQ(refused.exit_code, 2) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("gate_proj.weight: float weights are not ternary"));
  const ProcessResult done = Run({"convert", Directory(), Path("out.gguf"), "--to", "i2_s", "--quantize", "absmean"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("CHANGED blk.0.ffn_gate.weight"));
}

}  // namespace
}  // namespace bitnet::xtask
