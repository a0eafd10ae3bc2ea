// xtask inspect --check: one small file for each thing that it tells apart.

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "absl/log/check.h"
#include "bitnet/convert/hf_directory.h"
#include "bitnet/gguf/gguf_editor.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/tensor/tensor_type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/cli_testing.h"

namespace bitnet::xtask {
namespace {

using testing::HasSubstr;

constexpr std::string_view kQ = "blk.0.attn_q.weight";

class CliCheckTest : public CliTest {
 protected:
  // The model "tiny": matrices of 512 and 1024 columns fit every format.
  CliCheckTest() {
    CHECK_EQ(Run({"gen-model", "--preset", "tiny", "--seed", "3", "--out", Path("in.gguf")}).exit_code, 0);
  }
  GgufEditor Edit(std::string_view name = "in.gguf") {
    const std::string bytes = Read(name);
    return GgufEditor({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  }
  ProcessResult Check(std::string_view name, bool json = false) {
    std::vector<std::string> args = {"inspect", "--check", Path(name)};
    if (json) args.push_back("--json");
    return Run(args);
  }
  ProcessResult Check(const GgufEditor& editor) {
    const std::vector<uint8_t> bytes = editor.Bytes();
    Write("edited.gguf", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return Check("edited.gguf");
  }
  // in.gguf with another type number for attn_q of block 0, and `bytes` of 0x11.
  ProcessResult CheckRetyped(uint32_t type_id, size_t bytes) {
    GgufEditor editor = Edit();
    editor.tensor(kQ).type_id = type_id;
    editor.tensor(kQ).data.assign(bytes, 0x11);
    return Check(editor);
  }
  // attn_q of block 0 as F32, its values `value(i)`.
  template <typename Value>
  GgufEditor WithFloats(Value value) {
    GgufEditor editor = Edit();
    GgufEditor::Tensor& q = editor.tensor(kQ);
    q.type_id = static_cast<uint32_t>(TensorType::kF32);
    q.data.resize(kElements * sizeof(float));
    for (size_t i = 0; i < kElements; ++i) q.Put(i * sizeof(float), value(i));
    return editor;
  }

  static constexpr size_t kElements = 512 * 512;
};

TEST_F(CliCheckTest, WhatRunsIsSaidToRun) {
  const ProcessResult text = Check("in.gguf");
  EXPECT_EQ(text.exit_code, 0) << text.out << text.err;
  EXPECT_THAT(text.out, HasSubstr("verdict: runs as it is\n"));
  EXPECT_THAT(text.out, HasSubstr("bitnet-b1.58: gate relu2, sub-norms, rope rows half_split, head tied"));
  EXPECT_THAT(text.out, HasSubstr("24 tensors, 0 missing, 0 without a place"));
  EXPECT_THAT(text.out, HasSubstr("projections are I2_S, read as i2_s"));
  EXPECT_THAT(text.out, HasSubstr("nothing hints at either"));
  const JsonValue json = Json(Check("in.gguf", true).out);
  EXPECT_EQ(json.Find("verdict")->string(), "runs");
  EXPECT_EQ(json.Find("findings")->AsUint64(), 0u);
  EXPECT_EQ(json.Find("tensors")->array().size(), 24u);
  ASSERT_EQ(Run({"convert", Path("in.gguf"), Path("tl2.gguf"), "--to", "tl2"}).exit_code, 0);
  const ProcessResult tl2 = Check("tl2.gguf");
  EXPECT_EQ(tl2.exit_code, 0) << tl2.out;
  EXPECT_THAT(tl2.out, HasSubstr("bitnet.ternary.format says tl2"));
}

TEST_F(CliCheckTest, TypesOfOtherProgramsAreNamedBySize) {
  const struct {
    uint32_t id;
    size_t bytes;
    std::string says;
  } cases[] = {
      {39, kElements / 32 * 17, "type 39 is MXFP4 of llama.cpp here, not TL2, as its 139264 bytes say"},
      {36, kElements / 32 * 18, "type 36 is IQ4_NL_4_4 of an older llama.cpp here, not I2_S"},
      {42, kElements / 128 * 34, "type 42 is Q2_0 of 128-groups of the llama.cpp of PrismML here, not Q2_0"},
      {142, kElements / 128 * 34, "type 142 is PQ2_0 of the llama.cpp of PrismML\n"},
      {143, kElements / 128 * 28, "type 143 is PTQ1_0 of the llama.cpp of PrismML\n"},
      {134, kElements / 64 * 13 + 2 * 512, "type 134 is IQ1_BN of ik_llama.cpp\n"},
      {135, kElements / 64 * 16 + 4 * 512, "type 135 is IQ2_BN of ik_llama.cpp\n"},
      {12, kElements / 256 * 144, "type 12 is Q4_K of llama.cpp\n"},
      {36, kElements * 2, "labelled I2_S, but its 524288 bytes are those of F16 or BF16"},
      {36, kElements * 4, "labelled I2_S, but its 1048576 bytes are those of F32"},
      {777, 4096, "type 777 is of no program known here"},
      {142, 4096, "type 142 is PQ2_0 of the llama.cpp of PrismML; rows of 512 and 4096 bytes"},
  };
  for (const auto& item : cases) {
    const ProcessResult result = CheckRetyped(item.id, item.bytes);
    EXPECT_EQ(result.exit_code, 1) << item.id << ": " << result.err;
    EXPECT_THAT(result.out, HasSubstr(item.says)) << item.id;
    EXPECT_THAT(result.out, HasSubstr("to do: ")) << item.id;
    EXPECT_THAT(result.out, HasSubstr("verdict: cannot run, because tensor blk.0.attn_q.weight: ")) << item.id;
  }
}

// The strict reader refuses the whole file; its other tensors are reported all the same.
TEST_F(CliCheckTest, ShapesThatNoRuleOfOursFitsAreStillReported) {
  GgufEditor editor = Edit();
  GgufEditor::Tensor& q = editor.tensor(kQ);
  q.type_id = 39;
  q.dims = {64, 512};
  q.data.assign(64 * 512 / 32 * 17, 0x11);
  const ProcessResult result = Check(editor);
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.out, HasSubstr("type 39 is MXFP4"));
  EXPECT_THAT(result.out, HasSubstr("blk.1.ffn_down.weight"));
  const std::string whole = Read("in.gguf");
  Write("cut.gguf", std::string_view(whole).substr(0, whole.size() / 2));
  const ProcessResult cut = Check("cut.gguf");
  EXPECT_EQ(cut.exit_code, 1) << cut.err;
  EXPECT_THAT(cut.out, HasSubstr("the file is cut off, or its directory is wrong"));
  Write("header.gguf", std::string_view(whole).substr(0, 1000));
  EXPECT_EQ(Check("header.gguf").exit_code, 2);
  EXPECT_EQ(Check("none.gguf").exit_code, 2);
}

TEST_F(CliCheckTest, FloatMatricesAreTernaryOrNot) {
  const auto exact = [](size_t i) { return 0.25f * static_cast<float>(static_cast<int>(i * 7919 % 3) - 1); };
  const ProcessResult convert = Check(WithFloats(exact));
  EXPECT_EQ(convert.exit_code, 1);
  EXPECT_THAT(convert.out, HasSubstr("F32 (actual: F32, exactly ternary)"));
  EXPECT_THAT(convert.out, HasSubstr("verdict: runs after `xtask convert " + Path("edited.gguf") + " " +
                                     Path("edited-i2_s.gguf") + " --to i2_s --verify`"));
  // The printed command does what the verdict says.
  ASSERT_EQ(Run({"convert", Path("edited.gguf"), Path("edited-i2_s.gguf"), "--to", "i2_s", "--verify"}).exit_code, 0);
  EXPECT_EQ(Check("edited-i2_s.gguf").exit_code, 0);

  const auto smooth = [](size_t i) { return static_cast<float>(static_cast<int>(i * 7919 % 201) - 100); };
  const ProcessResult master = Check(WithFloats(smooth));
  EXPECT_EQ(master.exit_code, 1);
  EXPECT_THAT(master.out, HasSubstr("not ternary: "));
  EXPECT_THAT(master.out, HasSubstr(" --to i2_s --quantize absmean --verify`"));
  ASSERT_EQ(Run({"convert", Path("edited.gguf"), Path("master.gguf"), "--to", "i2_s", "--quantize", "absmean",
                 "--verify"})
                .exit_code,
            0);
  EXPECT_EQ(Check("master.gguf").exit_code, 0);

  const auto infinite = [](size_t i) { return i == 7 ? std::numeric_limits<float>::infinity() : 1.0f; };
  EXPECT_THAT(Check(WithFloats(infinite)).out, HasSubstr("verdict: cannot run"));
}

TEST_F(CliCheckTest, ScalesAndCodesThatMakeNoSense) {
  const size_t scale_at = kElements / 4;
  const auto with_scale = [&](float scale) {
    GgufEditor editor = Edit();
    editor.tensor(kQ).Put(scale_at, scale);
    return Check(editor);
  };
  EXPECT_THAT(with_scale(0.0f).out, HasSubstr("WARNING: scale 0: every weight is 0"));
  EXPECT_THAT(with_scale(1e-40f).out, HasSubstr("is subnormal"));
  const ProcessResult huge = with_scale(1e30f);
  EXPECT_EQ(huge.exit_code, 1);
  EXPECT_THAT(huge.out, HasSubstr("is huge"));
  EXPECT_THAT(huge.out, HasSubstr("verdict: runs as it is; 1 findings above"));
  EXPECT_THAT(with_scale(-1.0f).out, HasSubstr("verdict: cannot run"));

  GgufEditor illegal = Edit();
  illegal.tensor(kQ).Put(5, uint8_t{0xff});
  const ProcessResult code = Check(illegal);
  EXPECT_EQ(code.exit_code, 1);
  EXPECT_THAT(code.out, HasSubstr("PROBLEM: "));
  EXPECT_THAT(code.out, HasSubstr("verdict: cannot run, because tensor blk.0.attn_q.weight"));

  ASSERT_EQ(Run({"convert", Path("in.gguf"), Path("tq2.gguf"), "--to", "tq2_0"}).exit_code, 0);
  GgufEditor contradiction = Edit("tq2.gguf");
  contradiction.SetF32s("bitnet.ternary.scales", std::vector<float>(14, 123.0f));
  EXPECT_THAT(Check(contradiction).out, HasSubstr("verdict: cannot run"));
  GgufEditor blocks = Edit("tq2.gguf");
  blocks.Remove("bitnet.ternary.scales");
  EXPECT_EQ(Check(blocks).exit_code, 0);
  blocks.tensor(kQ).Put(64, uint16_t{0x3c01});
  const ProcessResult different = Check(blocks);
  EXPECT_EQ(different.exit_code, 1);
  EXPECT_THAT(different.out, HasSubstr("verdict: cannot run, because tensor blk.0.attn_q.weight"));
}

TEST_F(CliCheckTest, NamesArchitectureAndTokenizer) {
  GgufEditor names = Edit();
  names.tensor(kQ).name = "model.layers.0.self_attn.q_proj.weight";
  names.AddTensor("blk.0.attn_q.bias", {512}, TensorType::kF32, 2048, 0);
  const ProcessResult renamed = Check(names);
  EXPECT_EQ(renamed.exit_code, 1);
  EXPECT_THAT(renamed.out, HasSubstr("MISSING tensor: blk.0.attn_q.weight"));
  EXPECT_THAT(renamed.out, HasSubstr("EXTRA tensor: blk.0.attn_q.bias"));
  EXPECT_THAT(renamed.out, HasSubstr("model.layers.0.self_attn.q_proj.weight for blk.0.attn_q.weight"));

  GgufEditor architecture = Edit();
  architecture.SetString("general.architecture", "qwen35");
  architecture.AddTensor("blk.1.ssm_a.weight", {512}, TensorType::kF32, 2048, 0);
  const ProcessResult unknown = Check(architecture);
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_THAT(unknown.out, HasSubstr("cannot run, because architecture qwen35 is not one that this engine runs"));
  EXPECT_THAT(unknown.out, HasSubstr("tensors that no known graph has: blk.0.ssm_a.weight"));

  GgufEditor tokenizer = Edit();
  tokenizer.SetString("tokenizer.ggml.model", "llama");
  const ProcessResult sentencepiece = Check(tokenizer);
  EXPECT_EQ(sentencepiece.exit_code, 1);
  EXPECT_THAT(sentencepiece.out, HasSubstr("llama, not readable here"));
  EXPECT_THAT(sentencepiece.out, HasSubstr("verdict: cannot run, because tokenizer: "));

  GgufEditor embedding = Edit();
  GgufEditor::Tensor& table = embedding.tensor("token_embd.weight");
  table.type_id = static_cast<uint32_t>(TensorType::kBf16);
  for (uint8_t& byte : table.data) byte = 0x3c;
  EXPECT_THAT(Check(embedding).out, HasSubstr("the embedding and the head must be F16"));
}

TEST_F(CliCheckTest, TiledFilesWithoutTilingsAndMixedFormats) {
  ASSERT_EQ(Run({"convert", Path("in.gguf"), Path("tl2.gguf"), "--to", "tl2"}).exit_code, 0);
  GgufEditor foreign = Edit("tl2.gguf");
  foreign.Remove("bitnet.ternary.format");
  foreign.Remove("bitnet.ternary.tilings");
  const ProcessResult tiled = Check(foreign);
  EXPECT_EQ(tiled.exit_code, 1);
  EXPECT_THAT(tiled.out, HasSubstr(" --to i2_s --kernel-config kernel_config.ini --verify`"));

  ASSERT_EQ(Run({"convert", Path("in.gguf"), Path("tq2.gguf"), "--to", "tq2_0"}).exit_code, 0);
  GgufEditor tq2 = Edit("tq2.gguf");
  GgufEditor mixed = Edit();
  mixed.tensor(kQ) = tq2.tensor(kQ);
  const ProcessResult both = Check(mixed);
  EXPECT_EQ(both.exit_code, 1);
  EXPECT_THAT(both.out, HasSubstr("projections are I2_S, TQ2_0"));
  EXPECT_THAT(both.out, HasSubstr("verdict: runs after `xtask convert"));
  ASSERT_EQ(Run({"convert", Path("edited.gguf"), Path("one.gguf"), "--to", "i2_s"}).exit_code, 0);
  EXPECT_EQ(Check("one.gguf").exit_code, 0);
}

TEST_F(CliCheckTest, Directories) {
  ASSERT_EQ(Run({"gen-model", "--preset", "nano", "--seed", "3", "--out", Path("nano.gguf")}).exit_code, 0);
  const std::string bytes = Read("nano.gguf");
  const auto changed = WithPowerOfTwoScales({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  const auto file = GgufFile::Parse(changed);
  ASSERT_TRUE(file.ok()) << file.status();
  MakeHfDirectory(*file, {.weights = HfWeights::kPackedInverse}).Write(Path("packed"));
  const ProcessResult packed = Check("packed");
  EXPECT_EQ(packed.exit_code, 1) << packed.err;
  EXPECT_THAT(packed.out, HasSubstr("bitnet, bitlinear: scales are inverse"));
  EXPECT_THAT(packed.out, HasSubstr("verdict: runs after `xtask convert " + Path("packed") + " " +
                                    Path("packed-i2_s.gguf") + " --to i2_s --verify`: every trit"));
  ASSERT_EQ(Run({"convert", Path("packed"), Path("packed-i2_s.gguf"), "--to", "i2_s", "--verify"}).exit_code, 0);
  EXPECT_EQ(Check("packed-i2_s.gguf").exit_code, 0);

  HfDirectory master = MakeHfDirectory(*file, {.weights = HfWeights::kMaster});
  master.Tensor("model.layers.0.mlp.gate_proj.weight").bytes[1] ^= 2;
  master.Write(Path("master"));
  const ProcessResult floats = Check("master");
  EXPECT_EQ(floats.exit_code, 1) << floats.err;
  EXPECT_THAT(floats.out, HasSubstr(" --to i2_s --quantize absmean --verify`"));
  EXPECT_EQ(Json(Check("master", true).out).Find("kind")->string(), "hugging_face_directory");

  EXPECT_EQ(Check("").exit_code, 2) << "no config.json";
  EXPECT_EQ(Run({"inspect", "--check", "--no-tensors", Path("in.gguf")}).exit_code, 2);
}

}  // namespace
}  // namespace bitnet::xtask
