#include "verify/mutation/vocabulary.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace bitnet::mutation {
namespace {

constexpr std::string_view kArithmeticTypes[] = {"int",     "double",   "float",   "size_t",   "uint64_t",
                                                 "int64_t", "uint32_t", "int32_t", "uint16_t", "int16_t",
                                                 "uint8_t", "int8_t",   "long",    "unsigned", "ptrdiff_t"};

bool IsConstantName(const Token& token) {
  return token.kind == TokenKind::kIdentifier && token.text.size() > 1 && token.text[0] == 'k' &&
         absl::ascii_isupper(static_cast<unsigned char>(token.text[1]));
}

}  // namespace

void Vocabulary::Learn(const Source& source) {
  const std::vector<Token>& tokens = source.tokens;
  for (size_t i = 2; i < tokens.size(); ++i) {
    if (tokens[i].Is("{") && source.context[i].brace == BraceKind::kEnum && source.partner[i] > 0) {
      size_t name = i - 1;
      if (name >= 2 && tokens[name - 1].Is(":")) name -= 2;
      std::vector<std::string> names;
      for (size_t j = i + 1; j < static_cast<size_t>(source.partner[i]); ++j) {
        const bool first = tokens[j - 1].Is("{") || tokens[j - 1].Is(",");
        if (first && IsConstantName(tokens[j])) names.emplace_back(tokens[j].text);
      }
      const auto [entry, is_new] = enums.insert({std::string(tokens[name].text), names});
      if (!is_new && entry->second != names) entry->second.clear();
    }
    const bool defined = i + 1 < tokens.size() && IsConstantName(tokens[i]) &&
                         (tokens[i + 1].Is("=") || tokens[i + 1].Is("{") || tokens[i + 1].Is("["));
    if (!defined || tokens[i - 1].Is("{") || tokens[i - 1].Is(",")) continue;
    const bool arithmetic =
        !tokens[i + 1].Is("[") && std::ranges::find(kArithmeticTypes, tokens[i - 1].text) != std::end(kArithmeticTypes);
    (arithmetic ? numbers : others).emplace(tokens[i].text);
  }
}

bool IsNumber(std::string_view name, const Vocabulary& own, const Vocabulary& all) {
  if (own.numbers.contains(name) || own.others.contains(name)) return own.numbers.contains(name);
  return all.numbers.contains(name) && !all.others.contains(name);
}

}  // namespace bitnet::mutation
