#include "bitnet/tokenizer/byte_level_vocabulary.h"

#include <algorithm>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/tokenizer/byte_alphabet.h"

namespace bitnet {
namespace {

struct Pair {
  std::string_view left, right;  // bytes
};

// Best first. Several ways to the same token, ranks that cross ("th"+"e" against " t"+"he"), runs that double, merges
// across character borders, a whole emoji.
constexpr Pair kMerges[] = {
    {"h", "e"},       {"l", "l"},           {"t", "h"},       {"he", "ll"},
    {"hell", "o"},    {" ", "t"},           {"th", "e"},      {" t", "he"},
    {" ", "the"},     {"a", "a"},           {"aa", "aa"},     {"aaaa", "aaaa"},
    {" ", " "},       {"  ", "  "},         {"\n", "\n"},     {"\r", "\n"},
    {"'", "s"},       {"'", "t"},           {"o", "r"},       {"w", "or"},
    {"3", "3"},       {"33", "3"},          {"!", "!"},       {"\xC3", "\xA9"},
    {"\xD0", "\xBF"}, {"\xF0\x9F", "\x9A"}, {"\xF0", "\x9F"}, {"\xF0\x9F\x9A", "\x80"},
    {"\x80", "\x80"}, {"e", "l"},           {"<", "|"},       {"|", ">"},
    {"e", "\xCC"},    {"\xCC", "\x81"},
};

}  // namespace

ByteLevelVocabulary::ByteLevelVocabulary(PreTokenizer pre) : pre(pre) {
  const auto add = [this](std::string token, int32_t type) {
    tokens.push_back(std::move(token));
    types.push_back(type);
  };
  for (int byte = 0; byte < 256; ++byte) add(EncodeByteAlphabet(std::string(1, static_cast<char>(byte))), 1);
  for (const Pair& pair : kMerges) {
    const std::string left = EncodeByteAlphabet(pair.left);
    const std::string right = EncodeByteAlphabet(pair.right);
    merges.push_back(absl::StrCat(left, " ", right));
    const std::string merged = left + right;
    if (std::find(tokens.begin(), tokens.end(), merged) == tokens.end()) add(merged, 1);
  }
  add("world", 1);
  add("[unused]", 5);
  add("two words", 1);  // a raw space: outside the byte alphabet
  for (const char* control : {"<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>", "<|eot_id|>!", "<|end"}) {
    add(control, 3);
  }
  add("<unk>", 2);
  for (const char* user_defined : {"<tool>", "<tool>s", "\u2581tool"}) add(user_defined, 4);
}

TokenizerData ByteLevelVocabulary::Data() const {
  TokenizerData data;
  data.tokens.assign(tokens.begin(), tokens.end());
  data.token_types = types;
  data.merges.assign(merges.begin(), merges.end());
  data.pre = pre;
  data.bos = Id("<|begin_of_text|>");
  data.eos = Id("<|end_of_text|>");
  data.add_bos = true;
  return data;
}

TokenId ByteLevelVocabulary::Id(std::string_view token) const {
  const auto found = std::find(tokens.begin(), tokens.end(), token);
  CHECK(found != tokens.end()) << "no token " << token;
  return static_cast<TokenId>(found - tokens.begin());
}

}  // namespace bitnet
