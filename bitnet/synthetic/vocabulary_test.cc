#include "bitnet/synthetic/vocabulary.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_split.h"
#include "bitnet/synthetic/presets.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

// Byte-pair encoding of one printable text, from the finished lists alone.
class PlainEncoder {
 public:
  explicit PlainEncoder(const SyntheticVocabulary& vocabulary) {
    for (size_t i = 0; i < vocabulary.merges.size(); ++i) ranks_.emplace(vocabulary.merges[i], i);
  }

  std::vector<std::string> Encode(std::string_view text) const {
    std::vector<std::string> parts;
    for (size_t i = 0; i < text.size();) {
      const size_t length = (static_cast<uint8_t>(text[i]) & 0xE0) == 0xC0 ? 2 : 1;
      parts.emplace_back(text.substr(i, length));
      i += length;
    }
    while (true) {
      size_t best = parts.size(), best_rank = ranks_.size();
      for (size_t i = 0; i + 1 < parts.size(); ++i) {
        const auto it = ranks_.find(parts[i] + " " + parts[i + 1]);
        if (it != ranks_.end() && it->second < best_rank) best = i, best_rank = it->second;
      }
      if (best == parts.size()) return parts;
      parts[best] += parts[best + 1];
      parts.erase(parts.begin() + best + 1);
    }
  }

 private:
  absl::flat_hash_map<std::string, size_t> ranks_;
};

// Made once a preset: the full size takes a third of a second.
const SyntheticVocabulary& VocabularyOf(std::string_view name) {
  static absl::node_hash_map<std::string, SyntheticVocabulary>& made =
      *new absl::node_hash_map<std::string, SyntheticVocabulary>();
  if (const auto it = made.find(name); it != made.end()) return it->second;
  absl::StatusOr<SyntheticVocabulary> vocabulary = MakeSyntheticVocabulary(*FindPreset(name));
  if (!vocabulary.ok()) ADD_FAILURE() << vocabulary.status();
  return made[name] = vocabulary.ok() ? *std::move(vocabulary) : SyntheticVocabulary();
}

class VocabularyTest : public testing::TestWithParam<std::string_view> {
 protected:
  const SyntheticPreset preset_ = *FindPreset(GetParam());
  const SyntheticVocabulary& vocabulary_ = VocabularyOf(GetParam());
};

TEST_P(VocabularyTest, CountsAreExactAndNothingIsThereTwice) {
  EXPECT_EQ(vocabulary_.tokens.size(), preset_.vocab);
  EXPECT_EQ(vocabulary_.token_types.size(), preset_.vocab);
  EXPECT_EQ(vocabulary_.merges.size(), preset_.merges);
  const absl::flat_hash_set<std::string> tokens(vocabulary_.tokens.begin(), vocabulary_.tokens.end());
  EXPECT_EQ(tokens.size(), preset_.vocab);
  const absl::flat_hash_set<std::string> merges(vocabulary_.merges.begin(), vocabulary_.merges.end());
  EXPECT_EQ(merges.size(), preset_.merges);
}

TEST_P(VocabularyTest, PartsAndResultOfEveryMergeAreTokens) {
  const absl::flat_hash_set<std::string_view> tokens(vocabulary_.tokens.begin(), vocabulary_.tokens.end());
  for (const std::string& merge : vocabulary_.merges) {
    const std::vector<std::string> parts = absl::StrSplit(merge, ' ');
    ASSERT_EQ(parts.size(), 2u) << merge;
    ASSERT_TRUE(tokens.contains(parts[0]) && tokens.contains(parts[1])) << merge;
    ASSERT_TRUE(tokens.contains(parts[0] + parts[1])) << merge;
  }
}

TEST_P(VocabularyTest, EveryNormalTokenEncodesToItself) {
  const PlainEncoder encoder(vocabulary_);
  for (int64_t id = 0; id < preset_.vocab - preset_.special_tokens; ++id) {
    ASSERT_EQ(vocabulary_.token_types[id], 1);
    ASSERT_EQ(encoder.Encode(vocabulary_.tokens[id]), std::vector<std::string>{vocabulary_.tokens[id]}) << id;
  }
}

TEST_P(VocabularyTest, SpecialTokensHaveThePlacesOfLlama3) {
  const int64_t first = preset_.vocab - preset_.special_tokens;
  for (int64_t id = first; id < preset_.vocab; ++id) EXPECT_EQ(vocabulary_.token_types[id], 3) << id;
  const std::pair<int, std::string_view> expected[] = {{0, "<|begin_of_text|>"},
                                                       {1, "<|end_of_text|>"},
                                                       {2, "<|reserved_special_token_0|>"},
                                                       {5, "<|reserved_special_token_3|>"},
                                                       {6, "<|start_header_id|>"},
                                                       {7, "<|end_header_id|>"},
                                                       {8, "<|reserved_special_token_4|>"},
                                                       {9, "<|eot_id|>"},
                                                       {10, "<|reserved_special_token_5|>"}};
  for (const auto& [place, text] : expected) EXPECT_EQ(vocabulary_.tokens[first + place], text);
  EXPECT_EQ(vocabulary_.begin_of_text, first);
  EXPECT_EQ(vocabulary_.end_of_text, first + 1);
  EXPECT_EQ(vocabulary_.eot, first + 9);
}

TEST_P(VocabularyTest, ByteTokensAreInTheOrderOfGpt2) {
  EXPECT_EQ(vocabulary_.tokens[0], "!");
  EXPECT_EQ(vocabulary_.tokens[93], "~");
  EXPECT_EQ(vocabulary_.tokens[94], "\xC2\xA1");   // U+00A1
  EXPECT_EQ(vocabulary_.tokens[187], "\xC3\xBF");  // U+00FF
  EXPECT_EQ(vocabulary_.tokens[188], "\xC4\x80");  // U+0100: byte 0
  EXPECT_EQ(vocabulary_.tokens[220], "\xC4\xA0");  // U+0120: space
  EXPECT_EQ(vocabulary_.tokens[255], "\xC5\x83");  // U+0143: soft hyphen
}

INSTANTIATE_TEST_SUITE_P(Presets, VocabularyTest, testing::Values("2b-4t", "mini", "tiny", "nano"),
                         [](const auto& info) {
                           std::string name(info.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(SyntheticVocabularyTest, FullSizeIsTheOfficialOne) {
  const SyntheticVocabulary& vocabulary = VocabularyOf("2b-4t");
  EXPECT_EQ(vocabulary.tokens.size(), 128256u);
  EXPECT_EQ(vocabulary.merges.size(), 280147u);
  EXPECT_EQ(vocabulary.begin_of_text, 128000);
  EXPECT_EQ(vocabulary.tokens[128009], "<|eot_id|>");
  EXPECT_EQ(vocabulary.tokens[128255], "<|reserved_special_token_250|>");
  // Text of every day takes one token a word.
  const PlainEncoder encoder(vocabulary);
  for (const std::string_view word :
       {"The", "\xC4\xA0people", "\xC4\xA0return", "walking", "\xC4\xA0Watching", "2024"}) {
    EXPECT_LE(encoder.Encode(word).size(), word == "2024" ? 2u : 1u) << word;
  }
}

TEST(SyntheticVocabularyTest, MoreMergesThanThereArePairsIsAnError) {
  SyntheticPreset preset = *FindPreset("nano");
  preset.merges = 100'000;
  const absl::Status merges = MakeSyntheticVocabulary(preset).status();
  EXPECT_EQ(merges.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(merges.message().find("merges, expected 100000"), std::string_view::npos) << merges;
}

}  // namespace
}  // namespace bitnet
