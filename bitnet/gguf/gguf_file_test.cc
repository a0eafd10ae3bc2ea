#include "bitnet/gguf/gguf_file.h"

#include <cstring>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "bitnet/gguf/gguf_bytes.h"
#include "bitnet/gguf/gguf_cases.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class GgufFileTest : public testing::Test {
 protected:
  GgufFileTest() : bytes_(ValidGguf()), file_(*GgufFile::Parse(bytes_)) {}

  const std::vector<uint8_t> bytes_;
  const GgufFile file_;
};

TEST_F(GgufFileTest, ReadsHeader) {
  EXPECT_EQ(file_.version(), 3u);
  EXPECT_EQ(file_.alignment(), 32u);
  EXPECT_EQ(file_.data_offset() % 32, 0u);
  EXPECT_EQ(file_.data_offset() + 240, bytes_.size());
  ASSERT_EQ(file_.metadata().size(), 16u);
  EXPECT_EQ(file_.metadata()[0].first, "general.architecture");
  EXPECT_EQ(file_.metadata()[15].first, "empty");
}

TEST_F(GgufFileTest, TheDirectoryAloneIsReadWhereTensorsDoNotFit) {
  const auto directory = GgufFile::ParseDirectory(bytes_);
  ASSERT_TRUE(directory.ok()) << directory.status();
  EXPECT_EQ(directory->data_offset(), file_.data_offset());
  ASSERT_EQ(directory->tensors().size(), file_.tensors().size());
  for (size_t i = 0; i < file_.tensors().size(); ++i) {
    EXPECT_EQ(directory->tensors()[i].name, file_.tensors()[i].name);
    EXPECT_EQ(directory->tensors()[i].dims, file_.tensors()[i].dims);
    EXPECT_EQ(directory->tensors()[i].offset, file_.tensors()[i].offset);
    EXPECT_TRUE(directory->tensors()[i].data.empty());
  }
  // TL2 needs rows of 256; the second tensor lies on the first and past the end.
  const std::vector<uint8_t> odd = GgufBytes()
                                       .Header(2, 0)
                                       .Tensor("a", {64, 64}, TensorType::kTl2, 0)
                                       .Tensor("b", {1024}, TensorType::kF32, 0)
                                       .Pad()
                                       .Data(32)
                                       .bytes();
  EXPECT_FALSE(GgufFile::Parse(odd).ok());
  const auto lenient = GgufFile::ParseDirectory(odd);
  ASSERT_TRUE(lenient.ok()) << lenient.status();
  EXPECT_EQ(lenient->FindTensor("a")->type_id, 39u);
  EXPECT_FALSE(GgufFile::ParseDirectory(std::span(odd).first(60)).ok());
}

TEST_F(GgufFileTest, ReadsEveryIntegerType) {
  EXPECT_EQ(*file_.GetU64("u8"), 200u);
  EXPECT_EQ(*file_.GetU64("u16"), 60000u);
  EXPECT_EQ(*file_.GetU64("general.alignment"), 32u);
  EXPECT_EQ(*file_.GetU64("u64"), uint64_t{1} << 63);
  EXPECT_EQ(std::get<int64_t>(file_.Find("i8")->data), -100);
  EXPECT_EQ(std::get<int64_t>(file_.Find("i16")->data), -30000);
  EXPECT_EQ(std::get<int64_t>(file_.Find("i32")->data), -2000000000);
  EXPECT_EQ(std::get<int64_t>(file_.Find("i64")->data), -5);
}

TEST_F(GgufFileTest, ReadsFloatsFromAnyNumber) {
  EXPECT_EQ(*file_.GetF32("f32"), 1e-5f);
  EXPECT_EQ(*file_.GetF32("u16"), 60000.0f);
  EXPECT_EQ(*file_.GetF32("i64"), -5.0f);
  EXPECT_EQ(std::get<double>(file_.Find("f64")->data), 1e300);
  EXPECT_THAT(file_.GetF32("f64").status().message(), HasSubstr("range of f32, got 1e+300"));
}

TEST_F(GgufFileTest, ReadsStringsBoolsAndArrays) {
  EXPECT_EQ(*file_.GetString("general.architecture"), "bitnet-b1.58");
  EXPECT_EQ(*file_.GetBool("true"), true);
  EXPECT_THAT((*file_.GetArray("strings", GgufType::kString))->strings, ElementsAre("one", "", "drei"));
  const GgufArray& numbers = **file_.GetArray("i32s", GgufType::kI32);
  ASSERT_EQ(numbers.count, 2u);
  ASSERT_EQ(numbers.raw.size(), 8u);
  int32_t values[2];
  std::memcpy(values, numbers.raw.data(), 8);
  EXPECT_THAT(values, ElementsAre(-1, 7));
  EXPECT_THAT((*file_.GetArray("bools", GgufType::kBool))->raw, ElementsAre(0, 1));
  EXPECT_EQ((*file_.GetArray("empty", GgufType::kString))->count, 0u);
}

TEST_F(GgufFileTest, WrongTypesSayKeyExpectedAndActual) {
  EXPECT_TRUE(absl::IsNotFound(file_.GetU64("absent").status()));
  EXPECT_THAT(file_.GetU64("absent").status().message(), HasSubstr("\"absent\""));
  const auto message = [](const absl::Status& status) {
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    return std::string(status.message());
  };
  EXPECT_EQ(message(file_.GetU64("f32").status()), "metadata key \"f32\": expected an integer, got f32");
  EXPECT_EQ(message(file_.GetU64("i64").status()), "metadata key \"i64\": expected an integer >= 0, got -5");
  EXPECT_EQ(message(file_.GetU64("true").status()), "metadata key \"true\": expected an integer, got bool");
  EXPECT_EQ(message(file_.GetF32("strings").status()),
            "metadata key \"strings\": expected a number, got array of 3 string");
  EXPECT_EQ(message(file_.GetBool("u8").status()), "metadata key \"u8\": expected bool, got u8");
  EXPECT_EQ(message(file_.GetString("u8").status()), "metadata key \"u8\": expected string, got u8");
  EXPECT_EQ(message(file_.GetArray("i32s", GgufType::kString).status()),
            "metadata key \"i32s\": expected array of string, got array of 2 i32");
}

TEST_F(GgufFileTest, PlacesTensors) {
  ASSERT_EQ(file_.tensors().size(), 4u);
  const GgufTensor& f32 = *file_.FindTensor("f32.weight");
  EXPECT_THAT(f32.dims, ElementsAre(3, 5));
  EXPECT_EQ(f32.elements(), 15u);
  EXPECT_EQ(f32.data.size(), 60u);
  EXPECT_EQ(f32.data.data(), bytes_.data() + file_.data_offset());
  const GgufTensor& i2s = *file_.FindTensor("i2s.weight");
  EXPECT_EQ(i2s.data.size(), 64u + 32u);
  EXPECT_EQ(i2s.data[0], 64);
  EXPECT_EQ(file_.FindTensor("f16.weight")->data.size(), 48u);
  EXPECT_EQ(file_.FindTensor("absent"), nullptr);
}

TEST_F(GgufFileTest, TypesWithoutASizeRuleAreKeptWithoutData) {
  const GgufTensor& tensor = *file_.FindTensor("new.weight");
  EXPECT_EQ(tensor.type_id, 998u);
  EXPECT_EQ(tensor.offset, 160u);
  EXPECT_TRUE(tensor.data.empty());
}

TEST(GgufAlignmentTest, MetadataSetsIt) {
  for (const uint32_t alignment : {8u, 64u, 4096u, 65536u}) {
    GgufBytes file;
    file.Header(2, 1)
        .Key("general.alignment", GgufType::kU32)
        .Put(alignment)
        .Tensor("a", {1}, TensorType::kF32, 0)
        .Tensor("b", {1}, TensorType::kF32, alignment)
        .Pad(alignment)
        .Data(alignment + 4);
    const absl::StatusOr<GgufFile> parsed = GgufFile::Parse(file.bytes());
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->data_offset() % alignment, 0u);
    EXPECT_EQ(parsed->FindTensor("b")->data[0], static_cast<uint8_t>(alignment));
  }
}

TEST(GgufTypeNameTest, CoversEveryType) {
  for (uint32_t id = 0; id <= 12; ++id) EXPECT_NE(GgufTypeName(static_cast<GgufType>(id)), "unknown");
  EXPECT_EQ(GgufTypeName(static_cast<GgufType>(13)), "unknown");
}

}  // namespace
}  // namespace bitnet
