// GGUF files from an enemy: a clear error, never a crash, and never more memory than the input's size class.

#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/gguf/allocation_count.h"
#include "bitnet/gguf/gguf_bytes.h"
#include "bitnet/gguf/gguf_cases.h"
#include "bitnet/gguf/gguf_file.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

// A 14-byte pair costs 88 bytes of directory and at most 57 of index (a hash table at 7/16 load), that is 10.4 bytes
// per byte; tensors (33 bytes) and strings (8 bytes) cost less per byte.
constexpr uint64_t kBytesPerByte = 12;
constexpr uint64_t kFixedBytes = 65536;

absl::Status ParseWithinBound(std::span<const uint8_t> bytes) {
  const uint64_t before = AllocatedBytes();
  const absl::Status status = GgufFile::Parse(bytes).status();
  const uint64_t used = AllocatedBytes() - before;
  EXPECT_LE(used, kBytesPerByte * bytes.size() + kFixedBytes) << "for " << bytes.size() << " bytes of input";
  return status;
}

bool NamesPlace(std::string_view message) {
  return absl::StrContains(message, "header: ") || absl::StrContains(message, "metadata ") ||
         absl::StrContains(message, "tensor");
}

bool IsParseError(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsOutOfRange(status) || absl::IsUnimplemented(status);
}

class GgufCaseTest : public testing::TestWithParam<GgufCase> {};

TEST_P(GgufCaseTest, GivesItsError) {
  const absl::Status status = ParseWithinBound(GetParam().bytes);
  if (GetParam().error.empty()) {
    EXPECT_TRUE(status.ok()) << status;
    return;
  }
  EXPECT_TRUE(IsParseError(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), GetParam().error))
      << "expected: " << GetParam().error << "\ngot:      " << status.message();
}

TEST_P(GgufCaseTest, CorpusHoldsTheSameBytes) {
  std::ifstream file(absl::StrCat("testdata/fuzz/gguf/", GetParam().name, ".gguf"), std::ios::binary);
  ASSERT_TRUE(file) << "run //bitnet/gguf:write_fuzz_corpus";
  const std::string stored((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(stored, std::string(GetParam().bytes.begin(), GetParam().bytes.end()));
}

INSTANTIATE_TEST_SUITE_P(All, GgufCaseTest, testing::ValuesIn(GgufCases()),
                         [](const auto& info) { return info.param.name; });

TEST(GgufHostileTest, EveryTruncationIsAnError) {
  const std::vector<uint8_t> whole = ValidGguf();
  ASSERT_TRUE(GgufFile::Parse(whole).ok());
  for (size_t size = 0; size < whole.size(); ++size) {
    // A copy of exactly this size, so that a sanitizer sees the first byte read too far.
    const std::vector<uint8_t> cut(whole.begin(), whole.begin() + size);
    const absl::Status status = ParseWithinBound(cut);
    ASSERT_TRUE(IsParseError(status)) << "cut to " << size << " bytes: " << status;
    ASSERT_TRUE(NamesPlace(status.message())) << "cut to " << size << " bytes: " << status;
  }
}

TEST(GgufHostileTest, EveryFlippedBitIsReadOrRefused) {
  const std::vector<uint8_t> whole = ValidGguf();
  const uint64_t directory = GgufFile::Parse(whole)->data_offset();
  int refused = 0;
  for (size_t bit = 0; bit < directory * 8; ++bit) {
    std::vector<uint8_t> flipped = whole;
    flipped[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    const absl::Status status = ParseWithinBound(flipped);
    if (status.ok()) continue;  // a character of a name, a digit of a value
    ++refused;
    ASSERT_TRUE(IsParseError(status)) << "bit " << bit << ": " << status;
    ASSERT_TRUE(NamesPlace(status.message())) << "bit " << bit << ": " << status;
  }
  // All of magic and version but one bit (3 -> 2), all counts, all lengths and most of the directory.
  EXPECT_GT(refused, 2500);
}

TEST(GgufHostileTest, EveryHeaderBitCounts) {
  const std::vector<uint8_t> whole = ValidGguf();
  for (size_t bit = 0; bit < 24 * 8; ++bit) {
    std::vector<uint8_t> flipped = whole;
    flipped[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    // 3 -> 2 reads alike; 4 tensors -> 0 is a file of metadata only.
    const bool another_valid_file = bit == 32 || bit == 66;
    EXPECT_EQ(GgufFile::Parse(flipped).ok(), another_valid_file) << "bit " << bit;
  }
}

// The densest honest input of each kind: as many of the smallest items as the bytes can hold.
TEST(GgufHostileTest, DenseFilesStayWithinTheBound) {
  GgufBytes pairs;
  pairs.Header(0, 65536);
  for (uint32_t i = 0; i < 65536; ++i) {
    pairs.String(std::string_view(reinterpret_cast<const char*>(&i), 3)).Put(uint32_t{0}).Put(uint8_t{1});
  }
  EXPECT_TRUE(ParseWithinBound(pairs.bytes()).ok());

  GgufBytes tensors;
  tensors.Header(65536, 0);
  for (uint32_t i = 0; i < 65536; ++i) {
    tensors.Tensor(std::string_view(reinterpret_cast<const char*>(&i), 3), {1}, TensorType::kI8, 32ull * i);
  }
  EXPECT_TRUE(ParseWithinBound(tensors.Pad().Data(65536 * 32).bytes()).ok());

  GgufBytes strings;
  strings.Header(0, 1).Key("key", GgufType::kArray).Array(GgufType::kString, 100'000);
  for (int i = 0; i < 100'000; ++i) strings.String("");
  EXPECT_TRUE(ParseWithinBound(strings.bytes()).ok());
}

// A megabyte of 0xff or zeros behind a plausible start: counts that fit the limits but not the content.
TEST(GgufHostileTest, JunkBehindAPlausibleHeaderStaysWithinTheBound) {
  for (const uint8_t junk : {uint8_t{0}, uint8_t{1}, uint8_t{0xff}}) {
    std::vector<uint8_t> bytes = GgufBytes().Header(20'000, 60'000).bytes();
    bytes.resize(1 << 20, junk);
    const absl::Status status = ParseWithinBound(bytes);
    EXPECT_TRUE(IsParseError(status) && NamesPlace(status.message())) << status;
  }
}

TEST(GgufHostileTest, LongKeysAreCutInErrors) {
  const std::string key(65535, '\x01');  // each byte is four characters when escaped
  const GgufBytes file = GgufBytes().Header(0, 1).Key(key, static_cast<GgufType>(99)).Put(uint8_t{0});
  const absl::Status status = ParseWithinBound(file.bytes());
  EXPECT_TRUE(absl::StrContains(status.message(), "expected 0 to 12, got 99")) << status;
  EXPECT_LT(status.message().size(), 600u);
}

}  // namespace
}  // namespace bitnet
