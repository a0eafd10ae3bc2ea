// What a file may say about its ternary tensors, and what it may not.

#include "bitnet/ternary_file/ternary_file.h"

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/gguf/gguf_editor.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/quant/codec.h"
#include "bitnet/tensor/tensor_type.h"
#include "bitnet/tensor/ternary_formats.h"
#include "bitnet/ternary_file/format_keys.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;

constexpr int64_t kRows = 64;
constexpr int64_t kCols = 512;

// Two ternary matrices of one shape around a norm.
GgufEditor FileOf(TensorType type) {
  const std::vector<uint8_t> empty = {'G', 'G', 'U', 'F', 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  GgufEditor editor(empty);
  const uint64_t bytes = *TensorSizeInBytes(type, kRows * kCols, kCols);
  editor.AddTensor("a", {kCols, kRows}, type, bytes, 0);
  editor.AddTensor("norm", {8}, TensorType::kF32, 32, 0);
  editor.AddTensor("b", {kCols, kRows}, type, bytes, 0);
  return editor;
}

struct Found {
  std::vector<uint8_t> bytes;
  absl::StatusOr<GgufFile> file = absl::UnknownError("");
  absl::StatusOr<std::vector<TernaryTensor>> tensors = absl::UnknownError("");
};

Found Find(const GgufEditor& editor, const TernaryFileHints& hints = {}) {
  Found found{editor.Bytes()};
  found.file = GgufFile::Parse(found.bytes);
  found.tensors = found.file.ok() ? FindTernaryTensors(*found.file, hints) : found.file.status();
  return found;
}

TEST(TernaryFormatsTest, TheListOfNamesIsTheTableOfCodecs) {
  size_t next = 0;
  for (const TernaryFormat& format : kTernaryFormats) {
    ASSERT_LT(next, TernaryCodecs().size());
    const TernaryCodec& codec = TernaryCodecs()[next++];
    EXPECT_EQ(codec.name, format.name);
    // The lower bound that auditors use holds and, but for tails and the pairs of TL2, is exact.
    const uint64_t bytes = codec.size(256, 6144);
    const uint64_t bound = 256u * 6144 / format.bytes_weights * format.bytes;
    EXPECT_GE(bytes, bound) << format.name;
    EXPECT_LE(bytes, bound + (codec.type == TensorType::kTl2 ? bound / 50 : 32)) << format.name;
    EXPECT_EQ(FindTernaryFormat(codec.name), &format);
  }
  EXPECT_EQ(next, TernaryCodecs().size());
  EXPECT_EQ(FindTernaryFormat("q4_0"), nullptr);
}

TEST(TernaryFileTest, TypesTellTheCodecs) {
  for (const TensorType type : {TensorType::kI2S, TensorType::kTq1_0, TensorType::kTq2_0, TensorType::kQ2_0,
                                TensorType::kQ1_0, TensorType::kI2S32}) {
    const Found found = Find(FileOf(type));
    ASSERT_TRUE(found.tensors.ok()) << found.tensors.status();
    ASSERT_EQ(found.tensors->size(), 2u);
    const TernaryTensor& b = (*found.tensors)[1];
    EXPECT_EQ(b.codec, TernaryCodecOfType(type));
    EXPECT_EQ(b.index, 2u);
    EXPECT_EQ(b.tensor, &found.file->tensors()[2]);
    EXPECT_EQ(b.rows, kRows);
    EXPECT_EQ(b.cols, kCols);
    EXPECT_FALSE(b.has_exact_scale);
    EXPECT_EQ(b.Params({Isa::kScalar}).tiling, nullptr);
  }
}

TEST(TernaryFileTest, MetadataOrTheCallerTellsGroupsOf64) {
  GgufEditor editor = FileOf(TensorType::kI2S);
  EXPECT_EQ((*Find(editor).tensors)[0].codec->name, "i2_s");
  EXPECT_EQ((*Find(editor, {.codec = FindTernaryCodec("i2_s_64")}).tensors)[0].codec->name, "i2_s_64");
  editor.SetString(kTernaryFormatKey, "i2_s_64");
  EXPECT_EQ((*Find(editor).tensors)[0].codec->name, "i2_s_64");
  const Found contradicted = Find(editor, {.codec = FindTernaryCodec("i2_s")});
  EXPECT_EQ(contradicted.tensors.status().message(),
            "the file says bitnet.ternary.format i2_s_64, the caller says i2_s");
}

TEST(TernaryFileTest, NamesAreShownWithoutControlCharacters) {
  GgufEditor editor = FileOf(TensorType::kQk256);
  editor.tensor("a").name = "\x1b[2J";
  const absl::Status no_scales = Find(editor).tensors.status();
  EXPECT_THAT(no_scales.message(), HasSubstr("tensor \\x1b[2J is qk256"));
  editor.SetF32s(kTernaryScalesKey, std::vector<float>{-0.5f, 0.25f});
  const absl::Status negative = Find(editor).tensors.status();
  EXPECT_THAT(negative.message(), HasSubstr("item 0 (\\x1b[2J): expected a finite number >= 0, got -0.5"));
  GgufEditor tiled = FileOf(TensorType::kTl1);
  tiled.tensor("a").name = "\x1b[2J";
  const absl::Status no_tilings = Find(tiled).tensors.status();
  const absl::Status other = Find(tiled, {.codec = FindTernaryCodec("tl2")}).tensors.status();
  for (const absl::Status& status : {no_scales, negative, no_tilings, other}) {
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(status.message(), HasSubstr("\\x1b[2J"));
    EXPECT_EQ(status.message().find('\x1b'), std::string::npos);
  }
}

TEST(TernaryFileTest, ScalesAreInDirectoryOrder) {
  GgufEditor editor = FileOf(TensorType::kQk256);
  editor.SetF32s(kTernaryScalesKey, std::vector<float>{0.5f, 0.25f});
  const Found found = Find(editor);
  ASSERT_TRUE(found.tensors.ok()) << found.tensors.status();
  EXPECT_EQ((*found.tensors)[0].Params({Isa::kScalar}).exact_scale, 0.5f);
  EXPECT_EQ((*found.tensors)[1].Params({Isa::kScalar}).exact_scale, 0.25f);
  EXPECT_TRUE((*found.tensors)[1].Params({Isa::kScalar}).has_exact_scale);
}

TEST(TernaryFileTest, TilingsComeFromTheFileOrElseFromTheCaller) {
  const TlTiling tiling = *DefaultTl1Tiling(kRows, kCols);
  GgufEditor editor = FileOf(TensorType::kTl1);
  const Found hinted = Find(editor, {.tilings = {&tiling, 1}});
  ASSERT_TRUE(hinted.tensors.ok()) << hinted.tensors.status();
  EXPECT_EQ(*(*hinted.tensors)[1].Params({Isa::kScalar}).tiling, tiling);
  editor.SetI32s(kTernaryTilingsKey, *TilingsToInts({&tiling, 1}));
  const Found stored = Find(editor);
  ASSERT_TRUE(stored.tensors.ok()) << stored.tensors.status();
  EXPECT_EQ((*stored.tensors)[0].tiling, tiling);
}

struct Bad {
  const char* name;
  TensorType type;
  std::function<void(GgufEditor&)> edit;
  absl::StatusCode code;
  std::string message;
};

std::vector<Bad> AllBad() {
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
  const auto format = [](const char* name) { return [name](GgufEditor& e) { e.SetString(kTernaryFormatKey, name); }; };
  const auto scales = [](std::vector<float> values) {
    return [values](GgufEditor& e) { e.SetF32s(kTernaryScalesKey, values); };
  };
  const auto tilings = [](std::vector<int32_t> values) {
    return [values](GgufEditor& e) { e.SetI32s(kTernaryTilingsKey, values); };
  };
  const TlTiling good = *DefaultTl1Tiling(kRows, kCols);
  const std::vector<int32_t> twice = {kRows, kCols, good.bm, good.bk, good.bmm, 32, 256, 32, 32, 32};
  return {
      {"unknown_format", TensorType::kTq2_0, format("q4_0"), kInvalid,
       "expected one of i2_s, i2_s_64, tl1, tl2, tq1_0, tq2_0, q2_0, q1_0, i2s_32, qk256; got \"q4_0\""},
      {"empty_format", TensorType::kTq2_0, format(""), kInvalid, "got \"\""},
      {"hostile_format", TensorType::kTq2_0, format("\033[2J"), kInvalid, "got \"\\x1b[2J\""},
      {"format_of_another_type", TensorType::kTq2_0, format("tq1_0"), kInvalid,
       "tensor a is TQ2_0, but bitnet.ternary.format says tq1_0 for every ternary tensor"},
      {"format_is_no_string", TensorType::kTq2_0, [](GgufEditor& e) { e.SetU32(kTernaryFormatKey, 1); }, kInvalid,
       "bitnet.ternary.format"},
      {"too_few_scales", TensorType::kTq2_0, scales({1}), kInvalid, "expected 2 scales"},
      {"too_many_scales", TensorType::kTq2_0, scales({1, 1, 1}), kInvalid, "got 3"},
      {"no_scales", TensorType::kTq2_0, scales({}), kInvalid, "got 0"},
      {"negative_scale", TensorType::kTq2_0, scales({1, -1}), kInvalid, "item 1 (b): expected a finite number >= 0"},
      {"nan_scale", TensorType::kTq2_0, scales({std::numeric_limits<float>::quiet_NaN(), 1}), kInvalid, "item 0 (a)"},
      {"infinite_scale", TensorType::kTq2_0, scales({1, std::numeric_limits<float>::infinity()}), kInvalid, "got inf"},
      {"scales_of_another_type", TensorType::kTq2_0,
       [](GgufEditor& e) {
         e.SetI32s(kTernaryScalesKey, std::vector<int32_t>{1, 1});
       },
       kInvalid, "bitnet.ternary.scales"},
      {"scales_where_tensors_have_them", TensorType::kI2S, scales({1, 1}), kInvalid,
       "bitnet.ternary.scales: not expected, for these tensors hold their scales exactly"},
      {"qk256_without_scales", TensorType::kQk256, [](GgufEditor&) {}, kPrecondition,
       "tensor a is qk256, which has no scale of its own"},
      {"tilings_without_tl", TensorType::kI2S, tilings(twice), kInvalid, "not expected, no tensor is TL1 or TL2"},
      {"tl1_without_tilings", TensorType::kTl1, [](GgufEditor&) {}, kPrecondition,
       "`xtask convert --kernel-config FILE`"},
      {"tilings_not_by_five", TensorType::kTl1, tilings({64, 512, 32, 32}), kInvalid, "bitnet.ternary.tilings"},
      {"tilings_of_another_type", TensorType::kTl1,
       [](GgufEditor& e) { e.SetF32s(kTernaryTilingsKey, std::vector<float>(5, 64)); }, kInvalid,
       "bitnet.ternary.tilings"},
      {"no_tiling_of_the_shape", TensorType::kTl1, tilings({32, 512, 32, 32, 32}), kInvalid,
       "tensor a is 64 x 512; expected a tiling of that shape in bitnet.ternary.tilings, which has 1 others"},
      {"tiling_of_no_tensor", TensorType::kTl1, tilings(twice), kInvalid,
       "tiling 1 is for 32 x 256, which no ternary tensor is"},
      {"tiling_that_does_not_fit", TensorType::kTl1, tilings({64, 512, 48, 32, 32}), kInvalid, "tensor a: "},
      {"negative_tiling", TensorType::kTl1, tilings({64, 512, -32, 32, 32}), kInvalid, "bitnet.ternary.tilings"},
      {"tiling_of_zeros", TensorType::kTl1, tilings({64, 512, 0, 0, 0}), kInvalid, "bitnet.ternary.tilings"},
  };
}

TEST(TernaryFileTest, ContradictionsAreErrors) {
  for (const Bad& bad : AllBad()) {
    GgufEditor editor = FileOf(bad.type);
    bad.edit(editor);
    const absl::Status status = Find(editor).tensors.status();
    EXPECT_EQ(status.code(), bad.code) << bad.name << ": " << status;
    EXPECT_THAT(status.message(), HasSubstr(bad.message)) << bad.name;
  }
}

TEST(TernaryFileTest, HintsAreHeldToTheFileToo) {
  const TlTiling other = *DefaultTl1Tiling(32, 512);
  EXPECT_THAT(Find(FileOf(TensorType::kTl1), {.tilings = {&other, 1}}).tensors.status().message(),
              HasSubstr("expected a tiling of that shape in the kernel configuration, which has 1 others"));
  EXPECT_THAT(Find(FileOf(TensorType::kTq2_0), {.codec = FindTernaryCodec("i2_s")}).tensors.status().message(),
              HasSubstr("tensor a is TQ2_0, but the caller says i2_s for every ternary tensor"));
}

}  // namespace
}  // namespace bitnet
