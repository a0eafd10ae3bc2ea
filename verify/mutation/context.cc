#include "verify/mutation/context.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"

namespace bitnet::mutation {
namespace {

template <size_t N>
bool OneOf(const Token& token, const std::array<std::string_view, N>& texts) {
  return std::ranges::find(texts, token.text) != texts.end();
}

constexpr std::array<std::string_view, 9> kBeforeCode = {")",    "const", "noexcept", "mutable", "override",
                                                         "else", "do",    "try",      "final"};
constexpr std::array<std::string_view, 6> kConstantOperands = {"static_assert", "alignas",  "sizeof",
                                                               "decltype",      "noexcept", "alignof"};

// A bracket that is open.
struct Scope {
  BraceKind kind;
  bool live;
  bool returns_bool;
  std::string_view function;
  size_t statement;            // its first token
  int parentheses = 0;         // open within
  bool default_value = false;  // of a member: an = was seen in this statement
};

class Reader {
 public:
  explicit Reader(std::string_view text) {
    source_.tokens = Tokenize(text);
    source_.partner = MatchBrackets(source_.tokens);
    source_.context.resize(source_.tokens.size());
    dead_.resize(source_.tokens.size(), false);
  }

  Source Run() {
    Walk();
    for (size_t i = 0; i < size(); ++i) MarkDead(i);
    for (size_t i = 0; i < size(); ++i) {
      if (dead_[i]) context(i).live = false;
      if ((At(i, "for") || At(i, "while")) && At(i + 1, "(")) {
        for (size_t j = i + 2; j < Partner(i + 1); ++j) context(j).loop_header = true;
      }
    }
    return std::move(source_);
  }

 private:
  size_t size() const { return source_.tokens.size(); }
  const Token& token(size_t i) const { return source_.tokens[i]; }
  TokenContext& context(size_t i) { return source_.context[i]; }
  bool At(size_t i, std::string_view text) const { return i < size() && token(i).text == text; }
  bool Identifier(size_t i) const { return i < size() && token(i).kind == TokenKind::kIdentifier; }
  // The end of the source for a bracket without one.
  size_t Partner(size_t i) const { return source_.partner[i] < 0 ? size() : static_cast<size_t>(source_.partner[i]); }

  void Walk() {
    std::vector<Scope> scopes = {{BraceKind::kNamespace, false, false, "", 0}};
    for (size_t i = 0; i < size(); ++i) {
      Scope& top = scopes.back();
      if (top.kind == BraceKind::kCode && top.parentheses == 0) context(i).starts_statement = StartsStatement(i, top);
      const bool is_bracket = token(i).kind == TokenKind::kPunctuator;
      if (is_bracket && At(i, "{")) {
        Scope scope = Open(i, scopes);
        Describe(i, scopes);
        context(i).brace = scope.kind;
        scopes.push_back(scope);
        continue;
      }
      if (is_bracket && At(i, "}")) {
        const BraceKind closed = top.kind;
        if (scopes.size() > 1) scopes.pop_back();
        Describe(i, scopes);
        context(i).brace = closed;
        if (closed != BraceKind::kInitializer && scopes.back().parentheses == 0) NewStatement(scopes.back(), i + 1);
        continue;
      }
      Describe(i, scopes);
      if (is_bracket && (At(i, "(") || At(i, "["))) ++top.parentheses;
      if (is_bracket && (At(i, ")") || At(i, "]"))) --top.parentheses;
      if (top.parentheses > 0) continue;
      if (At(i, ";")) NewStatement(top, i + 1);
      const bool pure = At(i + 1, "0") && At(i + 2, ";") && i > 0 && (At(i - 1, ")") || At(i - 1, "const"));
      if (At(i, "=") && top.kind == BraceKind::kType) top.default_value = !pure;
    }
  }

  static void NewStatement(Scope& scope, size_t first) {
    scope.statement = first;
    scope.default_value = false;
  }

  void Describe(size_t i, const std::vector<Scope>& scopes) {
    const Scope& top = scopes.back();
    TokenContext& here = context(i);
    here.live = top.live || top.default_value;
    here.in_initializer = top.kind == BraceKind::kInitializer && top.parentheses == 0;
    here.returns_bool = top.returns_bool;
    here.function = top.function;
  }

  bool StartsStatement(size_t i, const Scope& top) const {
    if (i == 0) return false;
    if (i == top.statement) return true;
    if (At(i - 1, "else") || At(i - 1, "do")) return true;
    if (At(i - 1, ":")) return LabelEndsAt(i - 1, top);
    if (!At(i - 1, ")") || source_.partner[i - 1] < 1) return false;
    const size_t before = Partner(i - 1) - 1;
    return At(before, "if") || At(before, "for") || At(before, "while") || At(before, "constexpr");
  }

  bool LabelEndsAt(size_t colon, const Scope& top) const {
    for (size_t i = colon; i > top.statement; --i) {
      if (At(i - 1, "case") || At(i - 1, "default")) return true;
      if (At(i - 1, "?") || At(i - 1, ";") || At(i - 1, "(")) return false;
    }
    return false;
  }

  Scope Open(size_t i, const std::vector<Scope>& scopes) {
    const Scope& top = scopes.back();
    Scope scope{Classify(i, top), top.live || top.default_value, top.returns_bool, top.function, i + 1};
    if (scope.kind == BraceKind::kNamespace || scope.kind == BraceKind::kType || scope.kind == BraceKind::kEnum) {
      scope.live = false;
    }
    if (scope.kind != BraceKind::kCode) return scope;
    scope.live = true;
    if (top.kind == BraceKind::kNamespace || top.kind == BraceKind::kType) {
      NameFunction(top.statement, i, scope);
    } else if (IsLambda(i)) {
      scope.returns_bool = At(i - 1, "bool") && At(i - 2, "->");
    }
    return scope;
  }

  bool IsLambda(size_t brace) const {
    if (brace == 0) return false;
    size_t i = brace - 1;
    while (i > 0 && !At(i, ")") && !At(i, "]")) --i;
    if (At(i, "]")) return i + 1 == brace;
    const size_t open = Partner(i);
    return open < size() && open > 0 && At(open - 1, "]");
  }

  void NameFunction(size_t first, size_t brace, Scope& scope) const {
    for (size_t i = first; i < brace; ++i) {
      if (At(i, "<") && !token(i).space_after) i = std::min(EndOfTemplate(i), brace - 1);
      if (!At(i, "(") || i == first) continue;
      size_t name = i - 1;
      scope.function = token(name).text;
      while (name >= first + 2 && At(name - 1, "::")) name -= 2;
      scope.returns_bool = name > first && At(name - 1, "bool");
      return;
    }
  }

  bool StatementHas(size_t first, size_t last, std::string_view text) const {
    for (size_t i = first; i < last; ++i) {
      if (At(i, text)) return true;
    }
    return false;
  }

  BraceKind Classify(size_t i, const Scope& top) const {
    if (i == 0) return BraceKind::kInitializer;
    const Token& before = token(i - 1);
    const bool outside = top.kind == BraceKind::kNamespace || top.kind == BraceKind::kType;
    size_t first = top.statement;
    if (At(first, "template")) first = std::min(EndOfTemplate(first + 1) + 1, i);
    const bool plain = !StatementHas(first, i, "(") && !StatementHas(first, i, "=");
    if (plain && StatementHas(first, i, "enum")) return BraceKind::kEnum;
    if (plain && (At(first, "struct") || At(first, "class") || At(first, "union"))) return BraceKind::kType;
    if (outside && (StatementHas(first, i, "namespace") || At(first, "extern"))) return BraceKind::kNamespace;
    if (OneOf(before, kBeforeCode)) return BraceKind::kCode;
    if (before.Is("]")) {
      const size_t open = Partner(i - 1);
      const bool subscript = open < size() && open > 0 && (Identifier(open - 1) || At(open - 1, "]"));
      return subscript ? BraceKind::kInitializer : BraceKind::kCode;
    }
    if (HasTrailingReturn(i)) return BraceKind::kCode;
    if (outside || top.parentheses > 0) return BraceKind::kInitializer;
    if (top.kind == BraceKind::kCode && (i == top.statement || before.Is(":"))) return BraceKind::kCode;
    return BraceKind::kInitializer;
  }

  // ") -> Type {"
  bool HasTrailingReturn(size_t brace) const {
    for (size_t i = brace - 1; i > 0; --i) {
      if (At(i, "->")) return At(i - 1, ")") || At(i - 1, "mutable");
      const bool of_type = Identifier(i) || At(i, "::") || At(i, "<") || At(i, ">") || At(i, ">>") || At(i, ",") ||
                           At(i, "*") || At(i, "&");
      if (!of_type) return false;
    }
    return false;
  }

  size_t EndOfTemplate(size_t open) const { return source_.EndOfTemplate(open); }

  void Kill(size_t first, size_t last) {
    for (size_t i = first; i <= last && i < size(); ++i) dead_[i] = true;
  }

  void KillUntil(size_t first, std::string_view end) {
    size_t last = first;
    while (last < size() && !At(last, end)) ++last;
    Kill(first, last);
  }

  void MarkDead(size_t i) {
    if (At(i, "constexpr")) return MarkConstant(i);
    if (At(i, "case")) return KillUntil(i, ":");
    if (At(i, "using") || At(i, "typedef")) return KillUntil(i, ";");
    if (At(i, "operator") && i + 1 < size()) return Kill(i + 1, i + 1);
    if (!Identifier(i)) return;
    const bool invariant = token(i).text.starts_with("CHECK") || token(i).text.starts_with("DCHECK");
    if ((OneOf(token(i), kConstantOperands) || invariant) && At(i + 1, "(")) return Kill(i, Partner(i + 1));
    if (At(i + 1, "<") && (!token(i + 1).space_before || At(i, "template"))) return Kill(i + 1, EndOfTemplate(i + 1));
    if (At(i + 1, "[") && i > 0 && IsDeclared(i)) Kill(i + 1, Partner(i + 1));
  }

  // `int bounds[4]`, not `return bounds[4]`.
  bool IsDeclared(size_t name) const {
    if (At(name - 1, "return") || At(name - 1, "else") || At(name - 1, "case")) return false;
    if (Identifier(name - 1)) return true;
    return (At(name - 1, ">") || At(name - 1, "*") || At(name - 1, "&")) && !token(name - 1).space_before;
  }

  // A constexpr variable up to its end; of a constexpr function only what comes before its body.
  void MarkConstant(size_t i) {
    if (i > 0 && At(i - 1, "if")) return Kill(i, Partner(i + 1));
    for (; i < size() && !At(i, ";"); ++i) {
      if (context(i).brace == BraceKind::kCode && At(i, "{")) return;
      dead_[i] = true;
      if (!At(i, "(") && !At(i, "[") && !At(i, "{")) continue;
      Kill(i, Partner(i));
      i = Partner(i);
    }
  }

  Source source_;
  std::vector<bool> dead_;
};

}  // namespace

size_t Source::EndOfTemplate(size_t open) const {
  int depth = 0;
  for (size_t i = open; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.Is(";") || token.Is("{") || token.Is("&&") || token.Is("||")) return open;
    if ((token.Is("(") || token.Is("[")) && partner[i] > 0) i = static_cast<size_t>(partner[i]);
    if (token.Is("<")) ++depth;
    if (token.Is(">")) --depth;
    if (token.Is(">>")) depth -= 2;
    if (depth <= 0) return i;
  }
  return open;
}

Source ReadSource(std::string_view text) { return Reader(text).Run(); }

}  // namespace bitnet::mutation
