#include "verify/mutation/tokens.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace bitnet::mutation {
namespace {

// Longest first.
constexpr std::string_view kPunctuators[] = {"<=>", "<<=", ">>=", "->*", "...", "::", "->", "++", "--",
                                             "<<",  ">>",  "<=",  ">=",  "==",  "!=", "&&", "||", "+=",
                                             "-=",  "*=",  "/=",  "%=",  "&=",  "|=", "^=", ".*"};

bool IsWordStart(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool IsWord(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }
bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

class Scanner {
 public:
  explicit Scanner(std::string_view source) : source_(source) {}

  std::vector<Token> Run() {
    bool line_is_empty = true;  // so far
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == '\n') line_is_empty = true;
      if (absl::ascii_isspace(static_cast<unsigned char>(c))) {
        ++at_;
      } else if (Starts("//") || (c == '#' && line_is_empty)) {
        SkipLine();
      } else if (Starts("/*")) {
        at_ = EndOf("*/", at_ + 2);
      } else {
        line_is_empty = false;
        Add(c);
      }
    }
    for (size_t i = 0; i < tokens_.size(); ++i) {
      tokens_[i].space_after = i + 1 == tokens_.size() || tokens_[i + 1].space_before;
    }
    return std::move(tokens_);
  }

 private:
  bool Starts(std::string_view text) const { return source_.substr(at_).starts_with(text); }

  size_t EndOf(std::string_view text, size_t from) const {
    const size_t found = source_.find(text, from);
    return found == std::string_view::npos ? source_.size() : found + text.size();
  }

  void SkipLine() {
    while (at_ < source_.size() && source_[at_] != '\n') at_ += source_[at_] == '\\' ? 2 : 1;
    at_ = std::min(at_, source_.size());
  }

  void Add(char c) {
    if (IsWordStart(c)) {
      size_t end = at_;
      while (end < source_.size() && IsWord(source_[end])) ++end;
      const std::string_view word = source_.substr(at_, end - at_);
      const bool opens_raw = word.ends_with('R') && word.size() <= 3 && end < source_.size() && source_[end] == '"';
      if (opens_raw) return Push(TokenKind::kString, EndOfRaw(end));
      return Push(TokenKind::kIdentifier, end);
    }
    if (IsDigit(c) || (c == '.' && at_ + 1 < source_.size() && IsDigit(source_[at_ + 1]))) {
      return Push(TokenKind::kNumber, EndOfNumber());
    }
    if (c == '"') return Push(TokenKind::kString, EndOfQuoted(c));
    if (c == '\'') return Push(TokenKind::kCharacter, EndOfQuoted(c));
    for (const std::string_view punctuator : kPunctuators) {
      if (Starts(punctuator)) return Push(TokenKind::kPunctuator, at_ + punctuator.size());
    }
    Push(TokenKind::kPunctuator, at_ + 1);
  }

  size_t EndOfRaw(size_t quote) const {
    const size_t open = source_.find('(', quote);
    if (open == std::string_view::npos) return source_.size();
    std::string close = ")";
    close.append(source_.substr(quote + 1, open - quote - 1));
    close.push_back('"');
    return EndOf(close, open);
  }

  size_t EndOfNumber() const {
    size_t end = at_;
    for (; end < source_.size(); ++end) {
      const char c = source_[end];
      const bool exponent_sign = (c == '+' || c == '-') && end > at_ && absl::StrContains("eEpP", source_[end - 1]);
      const bool hexadecimal = source_.substr(at_).starts_with("0x") || source_.substr(at_).starts_with("0X");
      const bool signed_here = exponent_sign && (!hexadecimal || absl::StrContains("pP", source_[end - 1]));
      if (!IsWord(c) && c != '.' && c != '\'' && !signed_here) break;
    }
    return end;
  }

  size_t EndOfQuoted(char quote) const {
    size_t end = at_ + 1;
    while (end < source_.size() && source_[end] != quote) end += source_[end] == '\\' ? 2 : 1;
    return std::min(end + 1, source_.size());
  }

  void Push(TokenKind kind, size_t end) {
    const bool space = at_ == 0 || absl::ascii_isspace(static_cast<unsigned char>(source_[at_ - 1]));
    tokens_.push_back({kind, source_.substr(at_, end - at_), at_, space, false});
    at_ = end;
  }

  std::string_view source_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> Tokenize(std::string_view source) { return Scanner(source).Run(); }

std::vector<int> MatchBrackets(const std::vector<Token>& tokens) {
  std::vector<int> partner(tokens.size(), -1);
  std::vector<size_t> open;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != TokenKind::kPunctuator) continue;
    if (tokens[i].Is("(") || tokens[i].Is("[") || tokens[i].Is("{")) open.push_back(i);
    if (!(tokens[i].Is(")") || tokens[i].Is("]") || tokens[i].Is("}")) || open.empty()) continue;
    partner[i] = static_cast<int>(open.back());
    partner[open.back()] = static_cast<int>(i);
    open.pop_back();
  }
  return partner;
}

}  // namespace bitnet::mutation
