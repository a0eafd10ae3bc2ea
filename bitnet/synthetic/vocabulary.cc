#include "bitnet/synthetic/vocabulary.h"

#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/synthetic/bpe_builder.h"
#include "bitnet/synthetic/bpe_training.h"
#include "bitnet/synthetic/word_list.h"
#include "bitnet/tokenizer/byte_alphabet.h"

namespace bitnet {
namespace {

constexpr int32_t kNormalToken = 1;
constexpr int32_t kControlToken = 3;
constexpr int32_t kEotPlace = 9;  // of <|eot_id|> among the special tokens, as in Llama 3

std::string Capitalized(std::string_view word) {
  std::string out(word);
  out[0] = absl::ascii_toupper(static_cast<unsigned char>(out[0]));
  return out;
}

std::vector<std::string_view> UniqueWords() {
  std::vector<std::string_view> words;
  absl::flat_hash_set<std::string_view> seen;
  for (const std::string_view word : absl::StrSplit(SyntheticWords(), ' ')) {
    if (seen.insert(word).second) words.push_back(word);
  }
  return words;
}

// Frequencies fall as 1 / rank (Zipf); most words of running text follow a space.
std::vector<TrainingText> MakeTrainingTexts(const std::vector<std::string_view>& words) {
  constexpr int64_t kFirst = 10'000'000;
  constexpr int64_t kFlat = 20;  // keeps the very first words from outweighing all the rest
  std::vector<TrainingText> texts;
  for (size_t i = 0; i < words.size(); ++i) {
    const int64_t frequency = kFirst / (static_cast<int64_t>(i) + kFlat);
    const std::string word(words[i]);
    texts.push_back({absl::StrCat(" ", word), 8 * frequency});
    texts.push_back({word, 3 * frequency});
    texts.push_back({absl::StrCat(" ", Capitalized(word)), 2 * frequency});
    texts.push_back({Capitalized(word), 2 * frequency});
  }
  const std::vector<std::string_view> endings = absl::StrSplit(SyntheticEndings(), ' ');
  for (size_t i = 0; i < endings.size(); ++i) {
    texts.push_back({std::string(endings[i]), 2 * kFirst / (static_cast<int64_t>(i) + kFlat)});
  }
  const std::span<const std::string_view> symbols = SyntheticSymbols();
  for (size_t i = 0; i < symbols.size(); ++i) {
    texts.push_back({std::string(symbols[i]), 4 * kFirst / (static_cast<int64_t>(i) + kFlat)});
  }
  return texts;
}

// Two and three digits: the pre-tokenizer cuts numbers into groups of up to three.
void AddNumbers(BpeBuilder& builder) {
  for (int n = 0; n < 100; ++n) builder.TryAdd(absl::StrCat(n / 10, n % 10));
  for (int n = 0; n < 1000; ++n) builder.TryAdd(absl::StrCat(n / 100, n / 10 % 10, n % 10));
}

void AddWordsWithEndings(BpeBuilder& builder, const std::vector<std::string_view>& words) {
  for (const std::string_view ending : absl::StrSplit(SyntheticEndings(), ' ')) {
    for (const std::string_view word : words) {
      if (builder.full()) return;
      for (const std::string& stem : {std::string(word), Capitalized(word)}) {
        builder.TryAdd(absl::StrCat(stem, ending));
        builder.TryAdd(absl::StrCat(" ", stem, ending));
      }
    }
  }
}

std::string SpecialToken(int64_t place) {
  switch (place) {
    case 0:
      return "<|begin_of_text|>";
    case 1:
      return "<|end_of_text|>";
    case 6:
      return "<|start_header_id|>";
    case 7:
      return "<|end_header_id|>";
    case kEotPlace:
      return "<|eot_id|>";
    default:
      // Numbered through: 0-3 at places 2-5, 4 at place 8, 5 and up from place 10.
      return absl::StrCat("<|reserved_special_token_", place < 6 ? place - 2 : place < 9 ? place - 4 : place - 5, "|>");
  }
}

}  // namespace

absl::StatusOr<SyntheticVocabulary> MakeSyntheticVocabulary(const SyntheticPreset& preset) {
  BITNET_RETURN_IF_ERROR(ValidatePreset(preset));
  const int64_t normal_tokens = preset.vocab - preset.special_tokens;
  BpeBuilder builder(normal_tokens, preset.merges);
  const std::vector<std::string_view> words = UniqueWords();
  TrainMerges(builder, MakeTrainingTexts(words));
  AddNumbers(builder);
  AddWordsWithEndings(builder, words);
  if (!builder.full()) {
    return absl::InvalidArgumentError(absl::StrCat("preset ", preset.name, ": the word list yields ",
                                                   builder.tokens().size(), " tokens, expected ", normal_tokens));
  }
  if (!builder.SpendRemainingMerges()) {
    return absl::InvalidArgumentError(absl::StrCat("preset ", preset.name, ": the vocabulary has ",
                                                   builder.merges().size(), " merges, expected ", preset.merges));
  }

  SyntheticVocabulary vocabulary;
  vocabulary.tokens.reserve(preset.vocab);
  for (const std::string& token : builder.tokens()) vocabulary.tokens.push_back(EncodeByteAlphabet(token));
  for (int64_t place = 0; place < preset.special_tokens; ++place) vocabulary.tokens.push_back(SpecialToken(place));
  vocabulary.token_types.assign(normal_tokens, kNormalToken);
  vocabulary.token_types.resize(preset.vocab, kControlToken);
  vocabulary.merges.reserve(builder.merges().size());
  for (const auto& [left, right] : builder.merges()) {
    vocabulary.merges.push_back(absl::StrCat(vocabulary.tokens[left], " ", vocabulary.tokens[right]));
  }
  vocabulary.begin_of_text = static_cast<int32_t>(normal_tokens);
  vocabulary.end_of_text = vocabulary.begin_of_text + 1;
  vocabulary.eot = vocabulary.begin_of_text + kEotPlace;
  return vocabulary;
}

}  // namespace bitnet
