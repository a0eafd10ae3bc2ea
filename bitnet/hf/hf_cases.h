// Small sets of a Hugging Face directory's texts, right and wrong, with the error that reading must give. One list
// feeds a test and the fuzz corpus.

#ifndef BITNET_HF_HF_CASES_H_
#define BITNET_HF_HF_CASES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/hf/hf_tokenizer.h"

namespace bitnet {

// config.json, tokenizer.json, tokenizer_config.json, generation_config.json, special_tokens_map.json and the chat
// template, with a zero byte, which no JSON text has, between one and the next; missing ones at the end are empty.
inline constexpr size_t kHfTexts = 6;
std::vector<std::string_view> SplitHfTexts(std::string_view joined);

// ParseHfConfig and ReadHfTokenizer over such texts.
absl::StatusOr<HfTokenizer> ReadHfTexts(std::string_view joined);

struct HfCase {
  std::string name;   // file name in the corpus, without the extension
  std::string error;  // must occur in the message; empty: the texts are valid
  std::string texts;  // joined
};
std::vector<HfCase> HfCases();

}  // namespace bitnet

#endif  // BITNET_HF_HF_CASES_H_
