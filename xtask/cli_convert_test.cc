// xtask convert on the command line: reports, refusals, and what lies in the folder afterwards.

#include <string>
#include <vector>

#include "bitnet/base/f16.h"
#include "bitnet/gguf/gguf_editor.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/tensor/tensor_type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/cli_testing.h"

namespace bitnet::xtask {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

class CliConvertTest : public CliTest {
 protected:
  void MakeTiny() {
    ASSERT_EQ(Run({"gen-model", "--preset", "tiny", "--seed", "3", "--out", Path("in.gguf")}).exit_code, 0);
  }
  GgufEditor Edit(const std::string& name) {
    const std::string bytes = Read(name);
    return GgufEditor({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  }
  void WriteEdited(const std::string& name, const GgufEditor& editor) {
    const std::vector<uint8_t> bytes = editor.Bytes();
    Write(name, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
};

TEST_F(CliConvertTest, ThereAndBackIsTheSameFileAndInfersTheSame) {
  MakeTiny();
  const ProcessResult there = Run({"convert", Path("in.gguf"), Path("tq1.gguf"), "--to", "tq1_0", "--verify"});
  ASSERT_EQ(there.exit_code, 0) << there.err;
  EXPECT_THAT(there.out, HasSubstr("i2_s to tq1_0, 14 ternary tensors of 24"));
  EXPECT_THAT(there.out, HasSubstr("14 tensors equal in every trit and scale, 10 in every byte"));
  EXPECT_EQ(there.err, "") << "no bar without a terminal";
  const ProcessResult back =
      Run({"convert", Path("tq1.gguf"), Path("back.gguf"), "--to", "i2_s", "--verify", "--json", "-t", "3"});
  ASSERT_EQ(back.exit_code, 0) << back.err;
  const JsonValue report = Json(back.out);
  EXPECT_EQ(report.Find("from")->string(), "tq1_0");
  EXPECT_EQ(report.Find("bytes_out")->AsUint64(), Read("in.gguf").size());
  EXPECT_TRUE(report.Find("quantized")->array().empty());
  const std::string& before = report.AtPath("/verified/ternary_digest_before")->string();
  EXPECT_EQ(before.size(), 64u);
  EXPECT_EQ(before, report.AtPath("/verified/ternary_digest_after")->string());
  EXPECT_THAT(there.out, HasSubstr("ternary_digest before " + before));
  EXPECT_EQ(Read("in.gguf"), Read("back.gguf"));

  const auto infer = [&](const char* name) {
    const ProcessResult result = Run({"infer", "-m", Path(name), "-p", "some words", "--greedy", "-n", "5", "--json",
                                      "--receipt", Path("receipt.json")});
    EXPECT_EQ(result.exit_code, 0) << name << ": " << result.err;
    EXPECT_EQ(RunProgram({Verify(), Path("receipt.json")}).exit_code, 0) << name;
    return Json(result.out).Find("output_ids")->array();
  };
  const JsonValue::Array ids = infer("in.gguf");
  EXPECT_THAT(Read("receipt.json"), HasSubstr("\"quantization_type\": \"i2_s\""));
  EXPECT_EQ(infer("tq1.gguf"), ids);
  EXPECT_THAT(Read("receipt.json"), HasSubstr("\"quantization_type\": \"tq1_0\""));
}

TEST_F(CliConvertTest, ReceiptsOfEveryFormatAreAccepted) {
  MakeTiny();
  for (const std::string to : {"i2_s_64", "tl1", "tl2", "tq2_0", "q2_0", "i2s_32", "qk256"}) {
    const ProcessResult converted = Run({"convert", Path("in.gguf"), Path(to), "--to", to});
    ASSERT_EQ(converted.exit_code, 0) << to << ": " << converted.err;
    const ProcessResult result =
        Run({"infer", "-m", Path(to), "-p", "x", "--greedy", "-n", "2", "--receipt", Path("receipt.json")});
    EXPECT_EQ(result.exit_code, 0) << to << ": " << result.err;
    EXPECT_THAT(result.err, HasSubstr("verify: ACCEPT at L1")) << to;
    EXPECT_THAT(Read("receipt.json"), HasSubstr(to + "_to_i2s"));
  }
}

TEST_F(CliConvertTest, RefusalsLeaveTheFolderAsItWas) {
  MakeTiny();
  Write("there.gguf", "precious");
  const std::string config = "[Kernels_0]\nm = 512\nk = 512\nbm = 64\nbk = 96\nbmm = 32\n";
  Write("kernel_config.ini", config);
  struct Refusal {
    std::vector<std::string> args;
    std::string message;
  };
  const std::string in = Path("in.gguf");
  const std::vector<Refusal> refusals = {
      {{in}, "out is required"},
      {{in, Path("o")}, "--to is required"},
      {{in, Path("o"), "--to", "q4_0"}, "--to: expected one of i2_s, i2_s_64, tl1"},
      {{in, Path("o"), "--to", "i2_s", "--from", "f32"}, "--from: expected one of"},
      {{in, Path("o"), "--to", "i2_s", "--quantize", "best"}, "best"},
      {{in, Path("o"), "--to", "i2_s", "--threads", "0"}, "--threads"},
      {{Path("none"), Path("o"), "--to", "i2_s"}, "none"},
      {{folder_, Path("o"), "--to", "i2_s"}, folder_},
      {{in, Path("there.gguf"), "--to", "i2_s"}, "there.gguf exists; --force replaces it"},
      {{in, in, "--to", "tq2_0", "--force"}, "is the input itself"},
      {{in, Path("kernel_config.ini"), "--to", "tl2", "--kernel-config", Path("kernel_config.ini"), "--force"},
       "kernel_config.ini, which is read"},
      {{in, Path("o"), "--to", "tq2_0", "--kernel-config", Path("kernel_config.ini")},
       "--kernel-config: is for tl1 and tl2"},
      {{in, Path("no/o"), "--to", "tq2_0"}, "no/o"},
      {{in, Path("o"), "--to", "q1_0"}, "is 0, and q1_0 holds -1 and +1 only"},
      {{in, Path("o"), "--to", "tq2_0", "--from", "tq1_0"}, "the caller says tq1_0"},
      {{in, Path("o"), "--to", "tl1", "--kernel-config", Path("none.ini")}, "none.ini"},
      {{in, Path("o"), "--to", "tl1", "--kernel-config", Path("there.gguf")}, "there.gguf"},
      {{nano(), Path("o"), "--to", "tq2_0"}, "256"},
  };
  for (const Refusal& refusal : refusals) {
    std::vector<std::string> args = refusal.args;
    args.insert(args.begin(), "convert");
    const ProcessResult result = Run(args);
    EXPECT_EQ(result.exit_code, 2) << testing::PrintToString(args) << "\n" << result.err;
    EXPECT_THAT(result.err, HasSubstr(refusal.message));
    EXPECT_EQ(result.out, "");
  }
  EXPECT_THAT(Files(), UnorderedElementsAre("in.gguf", "there.gguf", "kernel_config.ini"));
  EXPECT_EQ(Read("there.gguf"), "precious");
  EXPECT_EQ(Read("kernel_config.ini"), config);
  EXPECT_EQ(Run({"convert", in, Path("there.gguf"), "--to", "tq2_0", "--force"}).exit_code, 0);
  EXPECT_NE(Read("there.gguf"), "precious");
}

TEST_F(CliConvertTest, GroupsOf64AndKernelConfigs) {
  MakeTiny();
  ASSERT_EQ(Run({"convert", Path("in.gguf"), Path("arm"), "--to", "i2_s_64"}).exit_code, 0);
  GgufEditor arm = Edit("arm");
  arm.Remove("bitnet.ternary.format");
  WriteEdited("arm", arm);
  ASSERT_EQ(Run({"convert", Path("arm"), Path("out"), "--to", "i2_s", "--from", "i2_s_64"}).exit_code, 0);
  EXPECT_EQ(Read("out"), Read("in.gguf"));

  std::string config;
  int section = 0;
  for (const char* shape : {"m = 512\nk = 512\n", "m = 128\nk = 512\n", "m = 1024\nk = 512\n", "m = 512\nk = 1024\n"}) {
    config += "[Kernels_" + std::to_string(section++) + "]\n" + shape + "bm = 64\nbk = 96\nbmm = 32\n";
  }
  Write("kernel_config.ini", config);
  const auto convert = [&](const char* from, const char* to, const char* format, bool with_config) {
    std::vector<std::string> args = {"convert", Path(from), Path(to), "--to", format, "--force"};
    if (with_config) args.insert(args.end(), {"--kernel-config", Path("kernel_config.ini")});
    return Run(args);
  };
  const ProcessResult to_tl2 = convert("in.gguf", "tl2", "tl2", true);
  ASSERT_EQ(to_tl2.exit_code, 0) << to_tl2.err;
  GgufEditor foreign = Edit("tl2");
  foreign.Remove("bitnet.ternary.format");
  foreign.Remove("bitnet.ternary.tilings");
  WriteEdited("foreign", foreign);
  const ProcessResult without = convert("foreign", "out", "i2_s", false);
  EXPECT_EQ(without.exit_code, 2);
  EXPECT_THAT(without.err, HasSubstr("--kernel-config"));
  EXPECT_THAT(Run({"infer", "-m", Path("foreign"), "-p", "x"}).err, HasSubstr("xtask convert --kernel-config"));
  EXPECT_EQ(convert("foreign", "out", "i2_s", true).exit_code, 0);
  EXPECT_EQ(Read("out"), Read("in.gguf"));
  // The tilings are the input's: an output in the same format keeps them, one in TL1 gets its own.
  EXPECT_EQ(convert("foreign", "out", "tl2", true).exit_code, 0);
  EXPECT_EQ(Read("out"), Read("tl2"));
  const ProcessResult to_tl1 = convert("foreign", "out", "tl1", true);
  EXPECT_EQ(to_tl1.exit_code, 0) << to_tl1.err;
}

// As a program writes a model that is asked for floats.
TEST_F(CliConvertTest, FloatTablesBecomeWhatTheEngineReads) {
  MakeTiny();
  GgufEditor editor = Edit("in.gguf");
  GgufEditor::Tensor& table = editor.tensor("token_embd.weight");
  const std::vector<uint8_t> halves = table.data;
  table.type_id = static_cast<uint32_t>(TensorType::kF32);
  table.data.resize(halves.size() * 2);
  for (size_t i = 0; i < halves.size() / 2; ++i) {
    table.Put(4 * i, F16ToF32(static_cast<F16>(halves[2 * i] | halves[2 * i + 1] << 8)));
  }
  WriteEdited("f32.gguf", editor);
  EXPECT_NE(Run({"infer", "-m", Path("f32.gguf"), "-p", "x", "-n", "1"}).exit_code, 0) << "the engine has learned F32";
  const ProcessResult converted = Run({"convert", Path("f32.gguf"), Path("out.gguf"), "--to", "tq1_0", "--verify"});
  ASSERT_EQ(converted.exit_code, 0) << converted.err;
  EXPECT_THAT(converted.out, HasSubstr("note: token_embd.weight: every value is exact in F16\n"));
  const auto infer = [&](const char* name) {
    const ProcessResult result = Run({"infer", "-m", Path(name), "-p", "some words", "--greedy", "-n", "5", "--json"});
    EXPECT_EQ(result.exit_code, 0) << name << ": " << result.err;
    return Json(result.out).Find("output_ids")->array();
  };
  EXPECT_EQ(infer("out.gguf"), infer("in.gguf"));
}

TEST_F(CliConvertTest, FloatsAreRefusedOrReported) {
  MakeTiny();
  GgufEditor editor = Edit("in.gguf");
  GgufEditor::Tensor& q = editor.tensor("blk.1.attn_q.weight");
  q.type_id = static_cast<uint32_t>(TensorType::kF32);
  q.data.resize(512 * 512 * sizeof(float));
  for (size_t i = 0; i < 512 * 512; ++i) {
    q.Put(i * sizeof(float), static_cast<float>(static_cast<int>(i * 7919 % 201) - 100));
  }
  WriteEdited("floats.gguf", editor);
  const ProcessResult refused = Run({"convert", Path("floats.gguf"), Path("out"), "--to", "i2_s"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("tensor blk.1.attn_q.weight"));
  EXPECT_THAT(refused.err, HasSubstr("--quantize absmax or absmean"));
  const std::vector<std::string> args = {"convert",    Path("floats.gguf"), Path("out"), "--to",   "i2_s",
                                         "--quantize", "absmean",           "--verify",  "--force"};
  const ProcessResult text = Run(args);
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("i2_s, f32 to i2_s"));
  EXPECT_THAT(text.out, HasSubstr("CHANGED blk.1.attn_q.weight"));
  std::vector<std::string> json = args;
  json.push_back("--json");
  const JsonValue report = Json(Run(json).out);
  ASSERT_EQ(report.Find("quantized")->array().size(), 1u);
  const JsonValue& error = report.Find("quantized")->array()[0];
  EXPECT_EQ(error.Find("name")->string(), "blk.1.attn_q.weight");
  // Uniform values against {-s, 0, s} with s the mean magnitude: by far not exact, and said so.
  EXPECT_GT(error.Find("relative_error")->double_value(), 0.3);
  EXPECT_LT(error.Find("relative_error")->double_value(), 0.7);
  EXPECT_GT(error.Find("cosine")->double_value(), 0.8);
  EXPECT_LT(error.Find("snr_db")->double_value(), 10.0);
}

}  // namespace
}  // namespace bitnet::xtask
