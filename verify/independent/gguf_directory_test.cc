#include "verify/independent/gguf_directory.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "verify/independent/testing_gguf.h"

namespace bitnet::verify::independent {
namespace {

TestingGguf OneTensor(uint32_t type, std::vector<uint64_t> dims, size_t bytes) {
  TestingGguf file;
  file.tensors.push_back({"t", std::move(dims), type, std::string(bytes, '\x15')});
  return file;
}

// The message of the refusal; "" when the bytes are read.
std::string Refusal(const std::vector<uint8_t>& bytes) {
  const auto directory = GgufDirectory::Read(bytes);
  return std::string(directory.status().message());
}

TEST(GgufDirectoryTest, ReadsWhatIsThere) {
  TestingGguf file = SmallModel();
  file.Set("numbers", 9, absl::StrCat(EncodeU32(5), EncodeU64(3), EncodeU32(1), EncodeU32(2), EncodeU32(3)));
  file.Set("words", 9, absl::StrCat(EncodeU32(8), EncodeU64(2), EncodeString("a"), EncodeString("")));
  file.Set("minus", 5, EncodeU32(0xffffffff));
  file.Set("big", 10, EncodeU64(uint64_t{1} << 40));
  const std::vector<uint8_t> bytes = file.Encode();
  const auto directory = GgufDirectory::Read(bytes);
  ASSERT_TRUE(directory.ok()) << directory.status();
  EXPECT_EQ(*directory->Unsigned("bitnet-b1.58.block_count"), 2u);
  EXPECT_EQ(*directory->Unsigned("big"), uint64_t{1} << 40);
  EXPECT_EQ(*directory->Float("bitnet-b1.58.rope.freq_base"), 10000.0f);
  EXPECT_EQ(*directory->Text("general.architecture"), "bitnet-b1.58");
  EXPECT_TRUE(directory->Has("numbers"));
  EXPECT_TRUE(absl::IsNotFound(directory->Unsigned("nothing").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(directory->Unsigned("minus").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(directory->Unsigned("words").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(directory->Float("big").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(directory->Text("big").status()));

  ASSERT_EQ(directory->tensors().size(), file.tensors.size());
  for (const TestingTensor& expected : file.tensors) {
    const TensorInfo* tensor = directory->Find(expected.name);
    ASSERT_NE(tensor, nullptr) << expected.name;
    EXPECT_EQ(tensor->dims, expected.dims);
    const auto data = directory->Data(*tensor);
    ASSERT_TRUE(data.ok()) << data.status();
    EXPECT_EQ(std::string(data->begin(), data->end()), expected.data) << expected.name;
  }
  EXPECT_EQ(directory->Find("nothing"), nullptr);
}

TEST(GgufDirectoryTest, EveryCutIsRefused) {
  TestingGguf file = OneTensor(0, {8}, 32);
  file.SetText("k", "v");
  file.Set("a", 9, absl::StrCat(EncodeU32(8), EncodeU64(1), EncodeString("word")));
  const std::vector<uint8_t> bytes = file.Encode();
  ASSERT_EQ(Refusal(bytes), "");
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(Refusal({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}), "") << size;
  }
}

struct BadPair {
  const char* what;
  uint32_t type;
  std::string value;
  const char* message;
};

TEST(GgufDirectoryTest, BadValuesAreNamed) {
  const BadPair cases[] = {
      {"value type", 13, "", "value type, expected 0-12, got 13"},
      {"bool", 7, "\x02", "bool, expected 0 or 1, got 2"},
      {"bool in an array", 9, absl::StrCat(EncodeU32(7), EncodeU64(1), "\x02"), "expected each 0 or 1"},
      {"array of arrays", 9, absl::StrCat(EncodeU32(9), EncodeU64(1), EncodeU32(4), EncodeU64(0)),
       "elements of type 9"},
      {"count", 9, absl::StrCat(EncodeU32(4), EncodeU64(uint64_t{1} << 62)), "array of 4611686018427387904 elements"},
      {"strings", 9, absl::StrCat(EncodeU32(8), EncodeU64(1000), EncodeString("x")), "truncated input"},
      {"string", 8, EncodeU64(uint64_t{1} << 63), "truncated input: string value"},
  };
  for (const BadPair& bad : cases) {
    TestingGguf file;
    file.Set("k", bad.type, bad.value);
    EXPECT_NE(Refusal(file.Encode()).find(bad.message), std::string::npos)
        << bad.what << ": " << Refusal(file.Encode());
  }
}

TEST(GgufDirectoryTest, BadHeadersAndNamesAreNamed) {
  const auto expect = [](const TestingGguf& file, const char* message) {
    EXPECT_NE(Refusal(file.Encode()).find(message), std::string::npos) << Refusal(file.Encode());
  };
  TestingGguf file;
  file.version = 1;
  expect(file, "version: expected 2 or 3, got 1");
  file.version = 0x03000000;  // big-endian
  expect(file, "expected 2 or 3");
  file = TestingGguf();
  file.pairs = {{"k", 0, "1"}, {"k", 0, "1"}};
  expect(file, "\"k\": the key occurs twice");
  file.pairs = {{"", 0, "1"}};
  expect(file, "key: expected 1 to 65535 bytes, got 0");
  for (uint32_t alignment : {0u, 4u, 48u, 1u << 21}) {
    file = TestingGguf();
    file.SetU32("general.alignment", alignment);
    expect(file, "general.alignment: expected a u32");
  }
  file = OneTensor(0, {8}, 32);
  file.tensors.push_back(file.tensors[0]);
  expect(file, "tensor \"t\": the name occurs twice");
  expect(OneTensor(0, {}, 32), "expected 1 to 4 dimensions, got 0");
  expect(OneTensor(0, {1, 1, 1, 1, 1}, 32), "expected 1 to 4 dimensions, got 5");
  expect(OneTensor(0, {8, 0}, 32), "dimension 1 is 0");
  expect(OneTensor(0, {uint64_t{1} << 33, uint64_t{1} << 33}, 32), "at most 2^40 elements");
  expect(OneTensor(0, {9}, 32), "36 bytes at 0 of the tensor data, expected to end by 32");
  expect(OneTensor(36, {128}, 63), "");
  expect(OneTensor(36, {256}, 64), "96 bytes at 0 of the tensor data, expected to end by 64");
  std::vector<uint8_t> bytes = OneTensor(0, {8}, 32).Encode();
  bytes[0] = 'g';
  EXPECT_NE(Refusal(bytes).find("not a GGUF file"), std::string::npos);
}

TEST(GgufDirectoryTest, TensorsMustNotOverlap) {
  TestingGguf file = OneTensor(0, {8}, 32);
  file.tensors.push_back({"u", {8}, 0, std::string(32, 'x')});
  std::vector<uint8_t> bytes = file.Encode();
  ASSERT_EQ(Refusal(bytes), "");
  // The offset of the second is the last number before the padding: put it where the first begins.
  const size_t directory = 4 + 4 + 8 + 8 + 2 * (8 + 1 + 4 + 8 + 4 + 8);
  bytes[directory - 8] = 0;
  EXPECT_NE(Refusal(bytes).find("expected to end by 0, where"), std::string::npos) << Refusal(bytes);
  bytes[directory - 8] = 33;
  EXPECT_NE(Refusal(bytes).find("offset 33, expected a multiple of 32"), std::string::npos) << Refusal(bytes);
}

TEST(GgufDirectoryTest, OtherTypesAreListedButNotRead) {
  const std::vector<uint8_t> bytes = OneTensor(34, {256}, 64).Encode();
  const auto directory = GgufDirectory::Read(bytes);
  ASSERT_TRUE(directory.ok()) << directory.status();
  const auto data = directory->Data(directory->tensors()[0]);
  EXPECT_TRUE(absl::IsUnimplemented(data.status()));
  EXPECT_NE(data.status().message().find("TQ1_0"), std::string::npos);
  EXPECT_EQ(TensorTypeName(77), "type 77");
}

}  // namespace
}  // namespace bitnet::verify::independent
