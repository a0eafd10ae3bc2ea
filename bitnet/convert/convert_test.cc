// Conversions between files: every pair of formats, outside files, and what must not leave a file behind.

#include "bitnet/convert/convert.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/base/f16.h"
#include "bitnet/convert/convert_float_testing.h"
#include "bitnet/convert/convert_testing.h"
#include "bitnet/convert/projection_name.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/gguf/gguf_writer.h"
#include "bitnet/ternary_file/format_keys.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

class EveryPairTest : public ConversionTest {
 protected:
  // I2_S -> X gives one file for X, and every Y -> X that same file; for X = I2_S it is the file from the start.
  void ExpectOneFileForEachFormat(bool zeros) {
    WriteTiny("i2_s", zeros);
    std::vector<std::string> formats = {"i2_s"};
    const std::string digest = ConvertAndVerify("i2_s", "out", "i2_s");
    EXPECT_TRUE(FileBytes(Path("out")) == FileBytes(Path("i2_s"))) << "of the official form, written again";
    for (const TernaryCodec& codec : TernaryCodecs()) {
      if (codec.name == "i2_s" || (zeros && !codec.has_zero)) continue;
      formats.push_back(std::string(codec.name));
      EXPECT_EQ(ConvertAndVerify("i2_s", formats.back(), codec.name), digest);
    }
    for (const std::string& from : formats) {
      for (const std::string& to : formats) {
        const auto converted = TryConvert(from, "out", to);
        ASSERT_TRUE(converted.ok()) << from << " to " << to << ": " << converted.status();
        EXPECT_TRUE(FileBytes(Path("out")) == FileBytes(Path(to))) << from << " to " << to;
      }
    }
    EXPECT_EQ(formats.size(), zeros ? 9u : 10u);
  }
};

TEST_F(EveryPairTest, WithZeros) { ExpectOneFileForEachFormat(true); }

TEST_F(EveryPairTest, WithoutZerosQ1_0Too) { ExpectOneFileForEachFormat(false); }

// The scales of the model above are not exact in binary16, or the pairs would prove less.
TEST_F(ConversionTest, ScalesOfTheTestModelNeedTheirBits) {
  WriteTiny("in");
  const auto converted = TryConvert("in", "out", "tq2_0");
  ASSERT_TRUE(converted.ok()) << converted.status();
  ASSERT_EQ(converted->ternary.size(), 14u);
  for (const ConvertedTensor& tensor : converted->ternary) {
    EXPECT_NE(F16ToF32(F32ToF16(tensor.scale)), tensor.scale) << tensor.name;
  }
}

TEST_F(ConversionTest, MetadataIsTakenOverButForTheFormat) {
  WriteTiny("in");
  ConvertAndVerify("in", "out", "tl2");
  const std::vector<uint8_t> in_bytes = FileBytes(Path("in")), out_bytes = FileBytes(Path("out"));
  const GgufFile in = *GgufFile::Parse(in_bytes), out = *GgufFile::Parse(out_bytes);
  EXPECT_EQ(*out.GetU64(kFileTypeKey), 39u);
  EXPECT_EQ(*out.GetString(kTernaryFormatKey), "tl2");
  EXPECT_EQ(out.Find(kTernaryScalesKey), nullptr) << "TL2 holds its scale";
  std::set<std::pair<int64_t, int64_t>> shapes;
  for (const GgufTensor& tensor : in.tensors()) {
    if (tensor.type_id == 36) shapes.insert({tensor.dims[1], tensor.dims[0]});
  }
  EXPECT_EQ((*out.GetArray(kTernaryTilingsKey, GgufType::kI32))->count, 5 * shapes.size());
  std::vector<std::string> order;
  for (const auto& [key, value] : out.metadata()) {
    if (!IsFormatKey(key)) order.push_back(std::string(key));
  }
  std::vector<std::string> expected;
  for (const auto& [key, value] : in.metadata()) {
    if (!IsFormatKey(key)) expected.push_back(std::string(key));
  }
  EXPECT_EQ(order, expected);
  ASSERT_EQ(in.tensors().size(), out.tensors().size());
  for (size_t i = 0; i < in.tensors().size(); ++i) EXPECT_EQ(in.tensors()[i].name, out.tensors()[i].name);
}

TEST_F(ConversionTest, OutsideFilesAgreeAndConvert) {
  const std::string folder = "external/shared_data/models/";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no outside files: @shared_data//:models is empty";
  // One model, quantized by three programs; its scales are exact in binary16.
  std::set<std::string> digests;
  for (const char* file : {"tiny-i2_s.gguf", "tiny-lcpp-tq1_0.gguf", "tiny-lcpp-tq2_0.gguf"}) {
    Write(file, FileBytes(folder + file));
    for (const char* to : {"i2_s", "i2_s_64", "tl1", "tl2", "tq1_0", "tq2_0", "q2_0", "i2s_32", "qk256"}) {
      digests.insert(ConvertAndVerify(file, "out", to));
    }
  }
  EXPECT_EQ(digests.size(), 1u);
}

TEST_F(ConversionTest, TilingsOfTheCallerForInputAndOutput) {
  WriteTiny("in");
  const std::string digest = ConvertAndVerify("in", "default", "tl1");
  std::vector<TlTiling> tilings;
  for (const auto& [rows, cols] : {std::pair{512, 512}, {128, 512}, {1024, 512}, {512, 1024}}) {
    tilings.push_back({.rows = rows, .cols = cols, .bm = 64, .bk = 32, .bmm = 32});
  }
  EXPECT_EQ(ConvertAndVerify("in", "given", "tl1", {}, tilings), digest);
  EXPECT_FALSE(FileBytes(Path("given")) == FileBytes(Path("default")));

  // Without the keys, as other programs write it.
  GgufEditor editor(FileBytes(Path("given")));
  editor.Remove(kTernaryTilingsKey);
  editor.Remove(kTernaryFormatKey);
  Write("foreign", editor.Bytes());
  EXPECT_THAT(TryConvert("foreign", "out", "i2_s").status().message(), HasSubstr("--kernel-config"));
  GgufSourceOptions options;
  options.hints.tilings = tilings;
  EXPECT_EQ(ConvertAndVerify("foreign", "out", "i2_s", options), digest);
  EXPECT_TRUE(FileBytes(Path("out")) == FileBytes(Path("in")));

  EXPECT_THAT(TryConvert("in", "out2", "tl1", {}, std::span(tilings).first(2)).status().message(),
              HasSubstr("expected a tiling of that shape in the kernel configuration"));
  tilings[0].bm = 48;
  EXPECT_THAT(TryConvert("in", "out2", "tl1", {}, tilings).status().message(), HasSubstr("tensor blk."));
  EXPECT_FALSE(std::filesystem::exists(Path("out2")));
}

TEST_F(ConversionTest, GroupsOf64WithoutMetadataNeedTheCallersWord) {
  WriteTiny("in");
  ConvertAndVerify("in", "arm", "i2_s_64");
  GgufEditor editor(FileBytes(Path("arm")));
  editor.Remove(kTernaryFormatKey);
  Write("foreign", editor.Bytes());
  GgufSourceOptions options;
  options.hints.codec = FindTernaryCodec("i2_s_64");
  ConvertAndVerify("foreign", "out", "i2_s", options);
  EXPECT_TRUE(FileBytes(Path("out")) == FileBytes(Path("in")));
}

// What would fail in the middle of the second pass fails in the first, before a file is begun.
TEST_F(ConversionTest, ScalesAndTableValuesAreCheckedBeforeWriting) {
  WriteTiny("in");
  GgufEditor scale(FileBytes(Path("in")));
  GgufEditor table = scale;
  scale.tensor("blk.1.ffn_down.weight").Put(1024 * 512 / 4, 1e30f);
  Write("scale", scale.Bytes());
  Retype(table.tensor("token_embd.weight"), TensorType::kF32);
  table.tensor("token_embd.weight").Put(4 * 77, 1e6f);
  Write("table", table.Bytes());
  const struct {
    const char* in;
    const char* message;
  } cases[] = {{"scale", "tensor blk.1.ffn_down.weight: tq2_0 scale: 1e+30 is beyond the range of binary16"},
               {"table", "tensor token_embd.weight: element 77: expected a number that binary16 can hold"}};
  for (const auto& bad : cases) {
    const auto source = GgufSource::Open(Path(bad.in), {});
    ASSERT_TRUE(source.ok()) << source.status();
    std::set<std::string> stages;
    const auto progress = [&](std::string_view stage, uint64_t, uint64_t) {
      stages.insert(std::string(stage));
      return true;
    };
    const ConvertOptions options = {.to = FindTernaryCodec("tq2_0")};
    const absl::Status status = Convert(**source, options, Path("out"), pool_, progress).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(status.message(), HasSubstr(bad.message));
    EXPECT_EQ(stages, std::set<std::string>{"read"});
  }
}

TEST_F(ConversionTest, AMatrixOfZerosWithScaleMinusZeroGoesThroughEveryFormat) {
  WriteTiny("in");
  GgufEditor editor(FileBytes(Path("in")));
  GgufEditor::Tensor& q = editor.tensor(kQ);
  std::fill(q.data.begin(), q.data.end() - 32, uint8_t{0x55});
  q.Put(512 * 512 / 4, -0.0f);
  Write("in", editor.Bytes());
  for (const TernaryCodec& codec : TernaryCodecs()) {
    if (!codec.has_zero) continue;
    ConvertAndVerify("in", "there", codec.name);
    ConvertAndVerify("there", "back", "i2_s");
    EXPECT_TRUE(FileBytes(Path("back")) == FileBytes(Path("in"))) << codec.name;
  }
}

TEST_F(ConversionTest, NamesOfTheFileAreShownWithoutControlCharacters) {
  WriteTiny("in");
  GgufEditor named(FileBytes(Path("in")));
  named.tensor("blk.1.ffn_up.weight").name = "\x1b[2J";
  Write("named", named.Bytes());
  GgufEditor illegal = named, unknown = named;
  illegal.tensor("\x1b[2J").data[5] = 0xff;
  Write("illegal", illegal.Bytes());
  unknown.tensor("\x1b[2J").type_id = 12;
  Write("unknown", unknown.Bytes());
  const TlTiling other = {.rows = 32, .cols = 32, .bm = 32, .bk = 32, .bmm = 32};
  std::vector<absl::Status> refusals = {TryConvert("illegal", "out", "tq2_0").status(),
                                        TryConvert("unknown", "out", "tq2_0").status()};
  std::erase_if(named.tensors(),
                [](const GgufEditor::Tensor& tensor) { return tensor.type_id == 36 && tensor.name != "\x1b[2J"; });
  Write("named", named.Bytes());
  refusals.push_back(TryConvert("named", "out", "q1_0").status());
  refusals.push_back(TryConvert("named", "out", "tl1", {}, std::span(&other, 1)).status());
  for (const absl::Status& status : refusals) {
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(status.message(), HasSubstr("\\x1b[2J"));
    EXPECT_EQ(status.message().find('\x1b'), std::string::npos) << status.message();
  }
}

// Whatever the check says, and however the path is a path: what stood there stays.
TEST_F(ConversionTest, WhatStoodThereStaysUnlessTheCheckIsPassed) {
  WriteTiny("in");
  const std::vector<uint8_t> precious = {'o', 'l', 'd'};
  Write("there", precious);
  Write("target", precious);
  std::filesystem::create_symlink("target", Path("link"));
  const auto source = GgufSource::Open(Path("in"), {});
  const ConvertOptions options = {.to = FindTernaryCodec("tq2_0")};
  for (const char* out : {"there", "link", "new"}) {
    const auto refuse = [&](const std::string& written) -> absl::Status {
      EXPECT_EQ(FileBytes(written).size(), std::filesystem::file_size(written));
      EXPECT_EQ(FileBytes(written)[0], 'G');
      return absl::DataLossError("a bit has flipped");
    };
    EXPECT_EQ(Convert(**source, options, Path(out), pool_, Always, refuse).status().message(), "a bit has flipped");
    const auto interrupt = [&](const std::string& written) {
      return VerifyConversion(**source, options, written, pool_,
                              [](std::string_view, uint64_t, uint64_t) { return false; })
          .status();
    };
    EXPECT_TRUE(absl::IsCancelled(Convert(**source, options, Path(out), pool_, Always, interrupt).status()));
  }
  EXPECT_EQ(FileBytes(Path("there")), precious);
  EXPECT_EQ(FileBytes(Path("target")), precious);
  EXPECT_THAT(Files(), UnorderedElementsAre("in", "there", "target", "link"));
  const auto verify = [&](const std::string& written) {
    return VerifyConversion(**source, options, written, pool_, Always).status();
  };
  ASSERT_TRUE(Convert(**source, options, Path("link"), pool_, Always, verify).ok());
  EXPECT_TRUE(std::filesystem::is_symlink(Path("link")));
  EXPECT_EQ(FileBytes(Path("target"))[0], 'G');
  EXPECT_THAT(Files(), UnorderedElementsAre("in", "there", "target", "link"));
}

TEST_F(ConversionTest, AHintWithoutTernaryTensorsIsRefused) {
  WriteTiny("in");
  GgufEditor editor(FileBytes(Path("in")));
  for (GgufEditor::Tensor& tensor : editor.tensors()) {
    if (tensor.type_id != 36) continue;
    MakeFloat<float>(tensor, TensorType::kF32, [](int8_t t) { return static_cast<float>(t); });
  }
  Write("floats", editor.Bytes());
  GgufSourceOptions options;
  options.hints.codec = FindTernaryCodec("i2_s_64");
  EXPECT_THAT(TryConvert("floats", "out", "i2_s", options).status().message(),
              HasSubstr("the caller says i2_s_64, but no tensor is of a ternary type"));
}

TEST_F(ConversionTest, WhatCannotBeConvertedLeavesNoFile) {
  WriteTiny("in");
  const absl::Status zeros = TryConvert("in", "out", "q1_0").status();
  EXPECT_EQ(zeros.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(zeros.message(), HasSubstr("is 0, and q1_0 holds -1 and +1 only"));
  EXPECT_THAT(zeros.message(), HasSubstr("tensor blk.0."));
  for (const int stage : {0, 1}) {
    EXPECT_EQ(TryConvert("in", "out", "tq2_0", {}, {}, stage).status().code(), absl::StatusCode::kCancelled);
  }
  GgufEditor illegal(FileBytes(Path("in")));
  illegal.tensor("blk.1.ffn_up.weight").data[5] = 0xff;
  Write("illegal", illegal.Bytes());
  EXPECT_THAT(TryConvert("illegal", "out", "tq2_0").status().message(), HasSubstr("blk.1.ffn_up.weight"));
  GgufEditor unknown(FileBytes(Path("in")));
  unknown.tensor("token_embd.weight").type_id = 12;
  Write("unknown", unknown.Bytes());
  EXPECT_THAT(TryConvert("unknown", "out", "tq2_0").status().message(),
              HasSubstr("tensor token_embd.weight is of type 12, whose size is not known"));
  GgufEditor integers(FileBytes(Path("in")));
  integers.Retype(kQ, TensorType::kI8, 512 * 512, 1);
  Write("integers", integers.Bytes());
  EXPECT_THAT(TryConvert("integers", "out", "tq2_0").status().message(), HasSubstr("expected a ternary type, F32"));
  GgufEditor nothing(FileBytes(Path("in")));
  std::erase_if(nothing.tensors(), [](const GgufEditor::Tensor& tensor) { return tensor.type_id == 36; });
  Write("nothing", nothing.Bytes());
  EXPECT_THAT(TryConvert("nothing", "out", "tq2_0").status().message(), HasSubstr("there is nothing to convert"));
  EXPECT_FALSE(TryConvert("in", "no/such/folder", "tq2_0").ok());
  EXPECT_THAT(Files(), UnorderedElementsAre("in", "illegal", "unknown", "integers", "nothing"));
}

// One trit, one bit of a scale, one byte of another tensor, one name: each is found and named.
TEST_F(ConversionTest, VerificationFindsEveryDifference) {
  WriteTiny("in");
  ConvertAndVerify("in", "out", "i2_s");
  const auto verify = [&](GgufEditor& editor) {
    Write("changed", editor.Bytes());
    const auto source = GgufSource::Open(Path("in"), {});
    const ConvertOptions options = {.to = FindTernaryCodec("i2_s")};
    return VerifyConversion(**source, options, Path("changed"), pool_, Always).status();
  };
  const std::vector<uint8_t> out = FileBytes(Path("out"));
  GgufEditor trit(out);
  trit.tensor(kQ).data[64] ^= trit.tensor(kQ).data[64] & 0x40 ? 0x40 : 0x80;
  EXPECT_EQ(verify(trit).code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(verify(trit).message(), HasSubstr("tensor blk.0.attn_q.weight: weight 256 was "));
  GgufEditor scale(out);
  scale.tensor(kQ).data[512 * 512 / 4] ^= 1;
  EXPECT_THAT(verify(scale).message(), HasSubstr("tensor blk.0.attn_q.weight: scale "));
  GgufEditor stored(out);
  stored.tensor("output_norm.weight").data[9] ^= 1;
  EXPECT_THAT(verify(stored).message(), HasSubstr("tensor output_norm.weight: bytes from 0 on differ"));
  GgufEditor name(out);
  name.tensor("output_norm.weight").name = "output_norm.weights";
  EXPECT_THAT(verify(name).message(), HasSubstr("tensor output_norm.weight: the file's entry is another"));
  GgufEditor missing(out);
  missing.RemoveTensor("output_norm.weight");
  EXPECT_THAT(verify(missing).message(), HasSubstr("the source has"));
  GgufEditor same(out);
  EXPECT_TRUE(verify(same).ok());
  GgufEditor key(out);
  key.SetString("general.name", "another");
  EXPECT_EQ(verify(key).code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(verify(key).message(), HasSubstr("metadata key general.name: the file's value is another"));
  GgufEditor more(out);
  more.SetU32("zzz", 1);
  EXPECT_THAT(verify(more).message(), HasSubstr("keys besides those of the format, the file"));
  GgufEditor order(out);
  order.Remove("general.name");
  EXPECT_THAT(verify(order).message(), HasSubstr("metadata key general.name: the file has "));
  // A fault of the writer or the disk, not of the caller.
  GgufEditor illegal(out);
  illegal.tensor(kQ).data[5] = 0xff;
  EXPECT_EQ(verify(illegal).code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(verify(illegal).message(), HasSubstr("the written file cannot be read: "));
  Write("changed", std::span(out).first(out.size() / 2));
  const auto source = GgufSource::Open(Path("in"), {});
  const ConvertOptions options = {.to = FindTernaryCodec("i2_s")};
  EXPECT_EQ(VerifyConversion(**source, options, Path("changed"), pool_, Always).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST_F(ConversionTest, AlignmentOfTheFileIsKept) {
  WriteTiny("small");
  const std::vector<uint8_t> bytes = FileBytes(Path("small"));
  const GgufFile file = *GgufFile::Parse(bytes);
  GgufWriter writer;
  writer.SetAlignment(4096);
  writer.AddU32("general.alignment", 4096);
  for (size_t i = 0; i < file.metadata().size(); ++i) writer.AddRaw(file.metadata()[i].first, file.raw_values()[i]);
  for (const GgufTensor& tensor : file.tensors()) {
    ASSERT_TRUE(writer.AddTensor(tensor.name, *TensorTypeFromId(tensor.type_id), tensor.dims).ok());
  }
  ASSERT_TRUE(writer.Begin(Path("wide")).ok());
  for (const GgufTensor& tensor : file.tensors()) ASSERT_TRUE(writer.WriteTensorData(tensor.data).ok());
  ASSERT_TRUE(writer.Finish().ok());
  ConvertAndVerify("wide", "tq2", "tq2_0");
  ConvertAndVerify("tq2", "back", "i2_s");
  EXPECT_TRUE(FileBytes(Path("back")) == FileBytes(Path("wide")));
}

TEST(ProjectionNameTest, SevenOfABlock) {
  for (const char* part : {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"}) {
    EXPECT_TRUE(IsProjectionName(absl::StrCat("blk.0.", part, ".weight")));
    EXPECT_TRUE(IsProjectionName(absl::StrCat("blk.123.", part, ".weight")));
  }
  for (const char* name : {"blk.0.attn_q.bias", "blk.0.attn_norm.weight", "blk.0.ffn_sub_norm.weight",
                           "blk..attn_q.weight", "blk.x.attn_q.weight", "token_embd.weight", "output.weight",
                           "blk.0.attn_q_norm.weight", "blk.0attn_q.weight", ""}) {
    EXPECT_FALSE(IsProjectionName(name)) << name;
  }
}

}  // namespace
}  // namespace bitnet
