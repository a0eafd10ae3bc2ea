// Texts from an enemy: a clear error, never a crash, and never more memory than the input's size class.

#include <fstream>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/gguf/allocation_count.h"
#include "bitnet/hf/hf_cases.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

// The JSON parser takes about 16 bytes for each byte of text. A token of 9 bytes, "\"a\":10,", costs a string of 32, a
// type, and in the tokenizer that checks the result about as much again, twice that where a vector doubles; a merge
// likewise. As many ids without a token may add a string each.
constexpr uint64_t kBytesPerByte = 64;
// Tables that the tokenizer makes whatever its size, and the patterns of RE2.
constexpr uint64_t kFixedBytes = 4 << 20;

absl::Status ReadWithinBound(std::string_view texts) {
  const uint64_t before = AllocatedBytes();
  const absl::Status status = ReadHfTexts(texts).status();
  const uint64_t used = AllocatedBytes() - before;
  EXPECT_LE(used, kBytesPerByte * texts.size() + kFixedBytes) << "for " << texts.size() << " bytes of input";
  return status;
}

bool NamesAFile(const absl::Status& status) {
  return absl::StrContains(status.message(), ".json: ") || absl::StrContains(status.message(), ".json or ") ||
         absl::StrContains(status.message(), "_config.json ") || absl::StrContains(status.message(), ".jinja: ");
}

class HfCaseTest : public testing::TestWithParam<HfCase> {};

TEST_P(HfCaseTest, GivesItsError) {
  const absl::Status status = ReadWithinBound(GetParam().texts);
  if (GetParam().error.empty()) {
    EXPECT_TRUE(status.ok()) << status;
    return;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(status) || absl::IsUnimplemented(status)) << status;
  EXPECT_TRUE(NamesAFile(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), GetParam().error))
      << "expected: " << GetParam().error << "\ngot:      " << status.message();
  EXPECT_LT(status.message().size(), 1000u);
}

TEST_P(HfCaseTest, CorpusHoldsTheSameBytes) {
  std::ifstream file(absl::StrCat("testdata/fuzz/hf/", GetParam().name, ".texts"), std::ios::binary);
  ASSERT_TRUE(file) << "run //bitnet/hf:write_fuzz_corpus";
  EXPECT_EQ(std::string((std::istreambuf_iterator<char>(file)), {}), GetParam().texts);
}

INSTANTIATE_TEST_SUITE_P(All, HfCaseTest, testing::ValuesIn(HfCases()),
                         [](const auto& info) { return info.param.name; });

TEST(HfHostileTest, EveryTruncationIsReadOrRefused) {
  const std::string whole = HfCases()[0].texts;
  const size_t needed = whole.find('\0', whole.find('\0') + 1);  // end of tokenizer.json
  for (size_t size = 0; size < whole.size(); ++size) {
    // A copy of exactly this size, so that a sanitizer sees the first byte read too far. In steps of a prime: the
    // middle of a vocabulary is everywhere alike.
    if (size > 800 && size + 800 < needed && size % 13 != 0) continue;
    const std::string cut = whole.substr(0, size);
    const absl::Status status = ReadWithinBound(cut);
    if (size < needed) {
      ASSERT_FALSE(status.ok()) << size;
    }
    ASSERT_TRUE(status.ok() || NamesAFile(status)) << size << ": " << status;
  }
}

TEST(HfHostileTest, FlippedBitsAreReadOrRefused) {
  const std::string whole = HfCases()[0].texts;
  for (size_t bit = 0; bit < whole.size() * 8; bit += bit < 8000 ? 3 : 41) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << (bit % 8));
    const absl::Status status = ReadWithinBound(flipped);
    ASSERT_TRUE(status.ok() || NamesAFile(status)) << "bit " << bit << ": " << status;
  }
}

}  // namespace
}  // namespace bitnet
