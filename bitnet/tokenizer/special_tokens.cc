#include "bitnet/tokenizer/special_tokens.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace bitnet {

void SpecialTokens::Add(const Token& token) {
  tokens_.push_back(token);
  const uint8_t first = static_cast<uint8_t>(token.text[0]);
  if (token.kind != Kind::kUnmatched) control_start_[first] = true;
  if (token.kind == Kind::kUserDefined) user_start_[first] = true;
}

absl::Status SpecialTokens::Sort() {
  std::sort(tokens_.begin(), tokens_.end(),
            [](const Token& a, const Token& b) { return std::pair(a.text, a.id) < std::pair(b.text, b.id); });
  const auto twin = std::adjacent_find(tokens_.begin(), tokens_.end(),
                                       [](const Token& a, const Token& b) { return a.text == b.text; });
  if (twin == tokens_.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("tokens ", twin[0].id, " and ", twin[1].id, " are both \"",
                                                 absl::Utf8SafeCHexEscape(twin->text.substr(0, 64)),
                                                 "\"; expected distinct tokens"));
}

std::optional<SpecialTokens::Occurrence> SpecialTokens::FindFirst(std::string_view text, size_t begin,
                                                                  bool control) const {
  const std::array<bool, 256>& starts = control ? control_start_ : user_start_;
  for (; begin < text.size(); ++begin) {
    if (!starts[static_cast<uint8_t>(text[begin])]) continue;
    // Narrow the sorted list byte by byte to the tokens that agree with the text so far; a token that ends here is the
    // first of the range, and the last one seen is the longest.
    std::optional<Occurrence> longest;
    auto low = tokens_.begin();
    auto high = tokens_.end();
    for (size_t depth = 0; begin + depth < text.size() && low != high; ++depth) {
      const uint8_t byte = static_cast<uint8_t>(text[begin + depth]);
      const auto byte_of = [depth](const Token& token) {
        return token.text.size() > depth ? static_cast<uint8_t>(token.text[depth]) : -1;
      };
      low = std::partition_point(low, high, [&](const Token& token) { return byte_of(token) < byte; });
      high = std::partition_point(low, high, [&](const Token& token) { return byte_of(token) == byte; });
      if (low == high || low->text.size() != depth + 1) continue;
      const bool counts = low->kind == Kind::kUserDefined || (low->kind == Kind::kControl && control);
      if (counts) longest = {begin, depth + 1, low->id};
    }
    if (longest.has_value()) return longest;
  }
  return std::nullopt;
}

const SpecialTokens::Token* SpecialTokens::FindExact(std::string_view text) const {
  const auto found =
      std::partition_point(tokens_.begin(), tokens_.end(), [text](const Token& token) { return token.text < text; });
  return found != tokens_.end() && found->text == text ? &*found : nullptr;
}

}  // namespace bitnet
