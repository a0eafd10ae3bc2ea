// Safetensors files from an enemy: a clear error, never a crash, and never more memory than the input's size class.

#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "absl/base/config.h"
#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/gguf/allocation_count.h"
#include "bitnet/safetensors/safetensors_cases.h"
#include "bitnet/safetensors/safetensors_file.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

// The JSON parser takes 8 bytes of tape, 4 of structure, 5/3 of text and 1 of copy for each byte of header. A tensor of
// the smallest kind, 47 bytes of header, costs about 110 bytes of directory, as much again while it grows, and as much
// while it is sorted; its index about 50.
#ifdef ABSL_HAVE_ADDRESS_SANITIZER
// Abseil's hash tables reallocate at random there, to catch references that do not survive an insertion; what is counted
// is everything ever taken.
constexpr uint64_t kBytesPerByte = 128;
#else
constexpr uint64_t kBytesPerByte = 32;
#endif
constexpr uint64_t kFixedBytes = 65536;

absl::Status ParseWithinBound(std::span<const uint8_t> bytes) {
  const uint64_t before = AllocatedBytes();
  const absl::Status status = SafetensorsFile::Parse(bytes, "x.safetensors").status();
  const uint64_t used = AllocatedBytes() - before;
  EXPECT_LE(used, kBytesPerByte * bytes.size() + kFixedBytes) << "for " << bytes.size() << " bytes of input";
  return status;
}

bool IsParseError(const absl::Status& status) {
  return (absl::IsInvalidArgument(status) || absl::IsOutOfRange(status) || absl::IsUnimplemented(status)) &&
         absl::StartsWith(status.message(), "x.safetensors: ");
}

class SafetensorsCaseTest : public testing::TestWithParam<SafetensorsCase> {};

TEST_P(SafetensorsCaseTest, GivesItsError) {
  const absl::Status status = ParseWithinBound(GetParam().bytes);
  if (GetParam().error.empty()) {
    EXPECT_TRUE(status.ok()) << status;
    return;
  }
  EXPECT_TRUE(IsParseError(status)) << status;
  std::string expected;
  ASSERT_TRUE(absl::CUnescape(GetParam().error, &expected));
  EXPECT_TRUE(absl::StrContains(status.message(), expected))
      << "expected: " << expected << "\ngot:      " << status.message();
  EXPECT_LT(status.message().size(), 700u);
}

TEST_P(SafetensorsCaseTest, CorpusHoldsTheSameBytes) {
  std::ifstream file(absl::StrCat("testdata/fuzz/safetensors/", GetParam().name, ".safetensors"), std::ios::binary);
  ASSERT_TRUE(file) << "run //bitnet/safetensors:write_fuzz_corpus";
  const std::string stored((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(stored, std::string(GetParam().bytes.begin(), GetParam().bytes.end()));
}

INSTANTIATE_TEST_SUITE_P(All, SafetensorsCaseTest, testing::ValuesIn(SafetensorsCases()),
                         [](const auto& info) { return info.param.name; });

TEST(SafetensorsHostileTest, EveryTruncationIsAnError) {
  const std::vector<uint8_t> whole = ValidSafetensors();
  for (size_t size = 0; size < whole.size(); ++size) {
    // A copy of exactly this size, so that a sanitizer sees the first byte read too far.
    const std::vector<uint8_t> cut(whole.begin(), whole.begin() + size);
    const absl::Status status = ParseWithinBound(cut);
    ASSERT_TRUE(IsParseError(status)) << "cut to " << size << " bytes: " << status;
  }
}

TEST(SafetensorsHostileTest, EveryFlippedBitIsReadOrRefused) {
  const std::vector<uint8_t> whole = ValidSafetensors();
  const size_t header_end = whole.size() - 42;
  int refused = 0;
  for (size_t bit = 0; bit < header_end * 8; ++bit) {
    std::vector<uint8_t> flipped = whole;
    flipped[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    const absl::Status status = ParseWithinBound(flipped);
    // A character of a name or of the metadata; "[4]" of type F32 and "[4]" of type I32 are alike.
    if (status.ok()) continue;
    ++refused;
    ASSERT_TRUE(IsParseError(status)) << "bit " << bit << ": " << status;
  }
  EXPECT_GT(refused, 2400);
  // No bit of the length is without consequence.
  for (size_t bit = 0; bit < 64; ++bit) {
    std::vector<uint8_t> flipped = whole;
    flipped[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    EXPECT_FALSE(SafetensorsFile::Parse(flipped, "x.safetensors").ok()) << "bit " << bit;
  }
}

// The densest honest header: as many of the smallest tensors as the bytes can hold.
TEST(SafetensorsHostileTest, DenseFilesStayWithinTheBound) {
  std::string header = "{";
  for (int i = 0; i < 50'000; ++i) {
    absl::StrAppend(&header, i == 0 ? "" : ",", "\"", i, R"(":{"dtype":"U8","shape":[1],"data_offsets":[)", i, ",",
                    i + 1, "]}");
  }
  header += "}";
  const std::vector<uint8_t> bytes = SafetensorsBytes(header, 50'000);
  EXPECT_TRUE(ParseWithinBound(bytes).ok());
}

TEST(SafetensorsHostileTest, TooManyTensorsAreRefused) {
  std::string header = "{";
  for (uint64_t i = 0; i <= safetensors_limits::kMaxTensors; ++i)
    absl::StrAppend(&header, i == 0 ? "" : ",", "\"", i, "\":0");
  header += "}";
  const absl::Status status = ParseWithinBound(SafetensorsBytes(header, 0));
  EXPECT_TRUE(absl::StrContains(status.message(), "expected at most 262144 tensors, got 262145")) << status;
}

// As many members as are accepted take no time to speak of; a search for each would take minutes under a sanitizer.
TEST(SafetensorsHostileTest, MetadataOfManyMembers) {
  const auto parse = [](int members, std::string_view last) {
    std::string header = R"({"__metadata__":{)";
    for (int i = 1; i < members; ++i) absl::StrAppend(&header, "\"", i, "\":\"\",");
    absl::StrAppend(&header, "\"last\":", last, "}}");
    return ParseWithinBound(SafetensorsBytes(header, 0));
  };
  EXPECT_TRUE(parse(1 << 16, "\"\"").ok());
  EXPECT_TRUE(absl::StrContains(parse(1 << 16, "null").message(), "__metadata__.last: expected a text, got null"));
  const absl::Status status = parse(100'000, "\"\"");
  EXPECT_TRUE(IsParseError(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "__metadata__: expected at most 65536 members, got 100000"))
      << status;
}

TEST(SafetensorsHostileTest, JunkStaysWithinTheBound) {
  for (const std::string_view junk : {"[", "{", "\"", "1,", "\\u", "{\"a\":"}) {
    std::string header;
    while (header.size() < (1 << 20)) header += junk;
    EXPECT_TRUE(IsParseError(ParseWithinBound(SafetensorsBytes(header, 0)))) << junk;
  }
}

TEST(SafetensorsFileTest, ReadsWhatTheHeaderSays) {
  const std::vector<uint8_t> bytes = ValidSafetensors();
  const auto file = SafetensorsFile::Parse(bytes, "x.safetensors");
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_EQ(file->tensors().size(), 5u);
  EXPECT_EQ(file->tensors()[0].name, "model.norm.weight");
  EXPECT_EQ(file->tensors()[1].name, "one");
  EXPECT_EQ(file->tensors()[4].name, "none");
  const SafetensorsTensor* const weight = file->Find("q.weight");
  ASSERT_NE(weight, nullptr);
  EXPECT_EQ(weight->Describe(), "U8 [2, 8]");
  ASSERT_EQ(weight->data.size(), 16u);
  EXPECT_EQ(weight->data[0], 24);
  EXPECT_EQ(weight->data[15], 39);
  EXPECT_EQ(file->Find("one")->elements(), 1u);
  EXPECT_EQ(file->Find("none")->elements(), 0u);
  EXPECT_EQ(file->Find("two"), nullptr);
}

}  // namespace
}  // namespace bitnet
