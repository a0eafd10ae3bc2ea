// Conversions of float models: matrices that are ternary, that are not, and tables and norms of any float type.

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/base/f16.h"
#include "bitnet/convert/convert.h"
#include "bitnet/convert/convert_float_testing.h"
#include "bitnet/convert/convert_testing.h"
#include "bitnet/gguf/gguf_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;

TEST_F(ConversionTest, FloatMatricesThatAreTernaryConvertExactly) {
  WriteTiny("in");
  GgufEditor editor(FileBytes(Path("in")));
  for (GgufEditor::Tensor& tensor : editor.tensors()) {
    if (tensor.type_id != 36) continue;
    const float scale = 0.375f;
    std::memcpy(tensor.data.data() + tensor.data.size() - 32, &scale, sizeof(scale));
  }
  Write("in", editor.Bytes());
  const std::string digest = ConvertAndVerify("in", "same", "i2_s");
  MakeFloat<uint16_t>(editor.tensor(kQ), TensorType::kF16, [](int8_t t) { return F32ToF16(0.375f * t); });
  MakeFloat<float>(editor.tensor("blk.1.ffn_down.weight"), TensorType::kF32, [](int8_t t) { return 0.375f * t; });
  MakeFloat<uint16_t>(editor.tensor("blk.1.attn_k.weight"), TensorType::kBf16,
                      [](int8_t t) { return static_cast<uint16_t>(std::bit_cast<uint32_t>(0.375f * t) >> 16); });
  Write("mixed", editor.Bytes());
  EXPECT_EQ(ConvertAndVerify("mixed", "out", "i2_s"), digest);
  EXPECT_TRUE(FileBytes(Path("out")) == FileBytes(Path("in")));
}

TEST_F(ConversionTest, OtherFloatsAreRefusedOrChangedWithTheirError) {
  WriteTiny("in");
  GgufEditor editor(FileBytes(Path("in")));
  int i = 0;
  MakeFloat<float>(editor.tensor(kQ), TensorType::kF32,
                   [&](int8_t t) { return static_cast<float>(t) + 0.25f * std::sin(static_cast<float>(++i)); });
  Write("floats", editor.Bytes());
  const absl::Status refused = TryConvert("floats", "out", "i2_s").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(refused.message(), HasSubstr(absl::StrCat("tensor ", kQ)));
  EXPECT_THAT(refused.message(), HasSubstr("--quantize"));
  EXPECT_FALSE(std::filesystem::exists(Path("out")));
  for (const QuantizeMethod method : {QuantizeMethod::kAbsmax, QuantizeMethod::kAbsmean}) {
    GgufSourceOptions options;
    options.quantize = method;
    ConvertAndVerify("floats", "out", "tq1_0", options);
    const auto converted = TryConvert("floats", "out", "i2_s", options);
    ASSERT_TRUE(converted.ok()) << converted.status();
    for (const ConvertedTensor& tensor : converted->ternary) {
      ASSERT_EQ(tensor.error.has_value(), tensor.name == kQ) << tensor.name;
      if (!tensor.error) continue;
      EXPECT_GT(tensor.error->relative_error, 0.05);
      EXPECT_LT(tensor.error->relative_error, 0.9);
      EXPECT_GT(tensor.error->cosine, 0.8);
      EXPECT_NEAR(tensor.error->snr_db, -20 * std::log10(tensor.error->relative_error), 1e-6);
    }
  }
}

// An error of quantization costs a pass: only who asks for it pays.
TEST_F(ConversionTest, TheErrorIsMeasuredWhereItIsAskedFor) {
  WriteTiny("in");
  GgufEditor editor(FileBytes(Path("in")));
  int i = 0;
  MakeFloat<float>(editor.tensor(kQ), TensorType::kF32, [&](int8_t) { return static_cast<float>(++i % 7); });
  Write("floats", editor.Bytes());
  const auto source = GgufSource::Open(Path("floats"), {.quantize = QuantizeMethod::kAbsmean});
  ASSERT_TRUE(source.ok()) << source.status();
  for (size_t t = 0; t < (*source)->tensors().size(); ++t) {
    if ((*source)->tensors()[t].name != kQ) continue;
    std::vector<int8_t> trits(512 * 512);
    EXPECT_TRUE((*source)->ReadTrits(t, trits, MeasureError::kYes)->error.has_value());
    EXPECT_FALSE((*source)->ReadTrits(t, trits, MeasureError::kNo)->error.has_value());
  }
}

// No quantizer takes it either, so none is recommended.
TEST_F(ConversionTest, ANanIsNamedWithoutTheHintToQuantize) {
  WriteTiny("in");
  GgufEditor editor(FileBytes(Path("in")));
  MakeFloat<float>(editor.tensor(kQ), TensorType::kF32, [](int8_t t) { return static_cast<float>(t); });
  editor.tensor(kQ).Put(4 * 1000, std::nanf(""));
  editor.tensor(kQ).Put(4 * 500, 0.125f);  // not ternary, and before it
  Write("nan", editor.Bytes());
  const absl::Status status = TryConvert("nan", "out", "i2_s").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("tensor blk.0.attn_q.weight: "));
  EXPECT_THAT(status.message(), HasSubstr("element 1000: expected a finite number, got nan"));
  EXPECT_THAT(status.message(), testing::Not(HasSubstr("--quantize")));
}

// Files of other programs have tables and norms in any float type; the engine reads tables in F16 and norms in F32.
TEST_F(ConversionTest, TablesBecomeF16AndNormsF32) {
  WriteTiny("in");
  GgufEditor editor(FileBytes(Path("in")));
  for (const char* norm : {"output_norm.weight", "blk.0.attn_norm.weight"})
    Retype(editor.tensor(norm), TensorType::kF16);
  for (const char* norm : {"output_norm.weight", "blk.0.attn_norm.weight"})
    Retype(editor.tensor(norm), TensorType::kF32);
  Write("in", editor.Bytes());  // with norms that F16 holds
  Retype(editor.tensor("token_embd.weight"), TensorType::kF32);
  Retype(editor.tensor("output_norm.weight"), TensorType::kF16);
  Retype(editor.tensor("blk.0.attn_norm.weight"), TensorType::kF16);
  Write("f32", editor.Bytes());
  ConvertAndVerify("f32", "out", "i2_s");
  EXPECT_TRUE(FileBytes(Path("out")) == FileBytes(Path("in")));

  Retype(editor.tensor("token_embd.weight"), TensorType::kBf16);
  editor.tensor("token_embd.weight").Put<uint16_t>(0, 0x2f80);  // 2^-32: nothing in binary16
  editor.tensor("token_embd.weight").Put<uint16_t>(2, 0x3f80);
  Write("bf16", editor.Bytes());
  ConvertAndVerify("bf16", "out", "tq2_0");
  const std::vector<uint8_t> bytes = FileBytes(Path("out"));
  const GgufFile out = *GgufFile::Parse(bytes);
  const GgufTensor& table = *out.FindTensor("token_embd.weight");
  EXPECT_EQ(table.type_id, static_cast<uint32_t>(TensorType::kF16));
  EXPECT_EQ(table.data[0] | table.data[1] << 8, 0);
  EXPECT_EQ(table.data[2] | table.data[3] << 8, 0x3c00);
  const auto source = GgufSource::Open(Path("bf16"), {});
  const ConvertOptions options = {.to = FindTernaryCodec("tq2_0")};
  ASSERT_TRUE(Convert(**source, options, Path("out"), pool_, Always).ok());
  ASSERT_EQ((*source)->notes().size(), 1u);
  EXPECT_THAT((*source)->notes()[0], HasSubstr("token_embd.weight: "));
  EXPECT_THAT((*source)->notes()[0], HasSubstr("values rounded to F16, "));
}

}  // namespace
}  // namespace bitnet
