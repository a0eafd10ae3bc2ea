#include "verify/mutation/sites.h"

#include <algorithm>
#include <compare>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace bitnet::mutation {
namespace {

constexpr std::string_view kAssignments[] = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="};
// No expression statement begins with one.
constexpr std::string_view kNotCalls[] = {"return",
                                          "if",
                                          "for",
                                          "while",
                                          "switch",
                                          "do",
                                          "else",
                                          "case",
                                          "default",
                                          "using",
                                          "typedef",
                                          "static",
                                          "const",
                                          "constexpr",
                                          "auto",
                                          "struct",
                                          "class",
                                          "enum",
                                          "goto",
                                          "new",
                                          "template",
                                          "friend",
                                          "public",
                                          "private",
                                          "BITNET_ASSIGN_OR_RETURN",
                                          "static_assert",
                                          "explicit",
                                          "thread_local"};

template <size_t N>
bool OneOf(std::string_view text, const std::string_view (&texts)[N]) {
  return std::ranges::find(texts, text) != std::end(texts);
}

struct Relation {
  std::string_view text, name, boundary, opposite;
};
constexpr Relation kRelations[] = {{"<", "Lt", "<=", ">="}, {"<=", "Le", "<", ">"}, {">", "Gt", ">=", "<="},
                                   {">=", "Ge", ">", "<"},  {"==", "Eq", "", "!="}, {"!=", "Ne", "", "=="}};
struct Arithmetic {
  std::string_view text, name, other;
};
constexpr Arithmetic kArithmetic[] = {
    {"+", "Add", "-"}, {"-", "Sub", "+"}, {"*", "Mul", "/"}, {"/", "Div", "*"}, {"%", "Mod", "*"}};

// Tokens [first, last].
struct Range {
  size_t first, last;
  auto operator<=>(const Range&) const = default;
};

class Finder {
 public:
  Finder(std::string_view path, std::string_view text, const Vocabulary& vocabulary, const std::set<int>& skipped)
      : path_(path), text_(text), all_(vocabulary), skipped_(skipped), source_(ReadSource(text)) {
    own_.Learn(source_);
    next_id_ = FirstMutantId(path);
    for (size_t at = 0; at < text.size(); ++at) {
      if (at == 0 || text[at - 1] == '\n') line_starts_.push_back(at);
    }
  }

  MutatedSource Run() {
    for (size_t i = 0; i < size(); ++i) {
      if (source_.context[i].starts_statement) FindStatement(i);
      if (!source_.context[i].live) continue;
      if (IsBinary(i)) FindOperator(i);
      if (At(i, "if") || At(i, "while")) FindCondition(i);
      if (At(i, "?")) FindChoice(i);
      if (At(i, "return")) FindReturn(i);
      if (token(i).kind == TokenKind::kNumber) FindNumber(i);
      if (token(i).kind == TokenKind::kIdentifier) FindName(i);
    }
    return std::move(found_);
  }

 private:
  size_t size() const { return source_.tokens.size(); }
  const Token& token(size_t i) const { return source_.tokens[i]; }
  bool At(size_t i, std::string_view text) const { return i < size() && token(i).text == text; }
  bool Identifier(size_t i) const { return i < size() && token(i).kind == TokenKind::kIdentifier; }
  size_t Partner(size_t i) const { return source_.partner[i] < 0 ? size() : static_cast<size_t>(source_.partner[i]); }
  bool Opens(size_t i) const { return At(i, "(") || At(i, "[") || At(i, "{"); }
  bool Closes(size_t i) const { return At(i, ")") || At(i, "]") || At(i, "}"); }

  int LineOf(size_t i) const {
    return static_cast<int>(std::ranges::upper_bound(line_starts_, token(i).begin) - line_starts_.begin());
  }

  // Formatted code sets binary operators off by spaces, and nothing else.
  bool IsBinary(size_t i) const {
    if (i == 0 || token(i).kind != TokenKind::kPunctuator || !token(i).space_before || !token(i).space_after)
      return false;
    if (At(i - 1, "return") || At(i - 1, "case") || At(i - 1, "operator")) return false;
    return Identifier(i - 1) || token(i - 1).kind != TokenKind::kPunctuator || Closes(i - 1) || At(i - 1, "++") ||
           At(i - 1, "--") || At(i - 1, ">");
  }

  // Ids for `changes` of the place that begins at token i, or none when the place is to be left alone.
  std::optional<uint64_t> Add(size_t i, const std::vector<std::string>& changes, bool threshold) {
    const int line = LineOf(i);
    if (skipped_.contains(line)) {
      ++found_.dropped;
      return std::nullopt;
    }
    const size_t begin = line_starts_[line - 1];
    const std::string_view whole = text_.substr(begin, text_.find('\n', begin) - begin);
    const std::string source_line(absl::StripAsciiWhitespace(whole));
    const uint64_t first = next_id_;
    for (const std::string& change : changes) {
      const uint64_t id = next_id_++;
      if (change.empty()) continue;  // an id that the switch has and nobody uses
      const int times = ++times_[{line, change}];
      found_.mutants.push_back(
          {id, line, times > 1 ? absl::StrCat(change, " (", times, ")") : change, source_line, ClassOf(i, threshold)});
    }
    return first;
  }

  MutantClass ClassOf(size_t i, bool threshold) const {
    if (path_.starts_with("verify/compare/")) return MutantClass::kComparison;
    if (path_ == "verify/main.cc" || path_ == "verify/audit.cc" ||
        absl::StrContains(source_.context[i].function, "ExitCode")) {
      return MutantClass::kExitCode;
    }
    return threshold ? MutantClass::kThreshold : MutantClass::kOther;
  }

  void Wrap(Range range, std::string open, std::string close) {
    const size_t begin = token(range.first).begin, end = token(range.last).end();
    found_.edits.push_back({begin, 0, std::move(open), false, end});
    found_.edits.push_back({end, 0, std::move(close), true, begin});
  }

  void WrapCall(Range range, std::string_view call, uint64_t id, std::string_view more = "") {
    Wrap(range, absl::StrCat("::mutation::", call, "(", id, "u, ", more), ")");
  }

  void Replace(size_t i, std::string text) {
    found_.edits.push_back({token(i).begin, token(i).text.size(), std::move(text), false, token(i).end()});
  }

  // Whether token i is an operand of an order relation that decides something.
  bool NextToOrder(Range range) const {
    for (const size_t i : {range.first - 1, range.last + 1}) {
      if (range.first == 0 && i != range.last + 1) continue;
      const bool order = At(i, "<") || At(i, "<=") || At(i, ">") || At(i, ">=");
      if (order && IsBinary(i) && !source_.context[i].loop_header) return true;
    }
    return false;
  }

  bool InPolicy() const { return absl::StrContains(path_, "policy"); }

  void FindOperator(size_t i) {
    for (const Relation& relation : kRelations) {
      if (!At(i, relation.text)) continue;
      std::vector<std::string> changes;
      const bool order = !relation.boundary.empty();
      const bool loop = source_.context[i].loop_header;
      if (order) changes.push_back(absl::StrCat(relation.text, " becomes ", relation.boundary));
      changes.push_back(loop && order ? "" : absl::StrCat(relation.text, " becomes ", relation.opposite));
      const std::optional<uint64_t> id = Add(i, changes, order && !loop);
      if (!id) return;
      Replace(i, absl::StrCat(order ? "<" : "==", " ::mutation::", relation.name, "{", *id, "u} ", order ? ">" : "=="));
      return;
    }
    for (const Arithmetic& operation : kArithmetic) {
      if (!At(i, operation.text)) continue;
      if (At(i - 1, "...") || At(i + 1, "...")) return;  // folds
      if (token(i - 1).kind == TokenKind::kString || token(i + 1).kind == TokenKind::kString) return;
      const std::optional<uint64_t> id =
          Add(i, {absl::StrCat(operation.text, " becomes ", operation.other)}, InPolicy());
      if (!id) return;
      Replace(i, absl::StrCat(operation.text, " ::mutation::", operation.name, "{", *id, "u} ", operation.text));
      return;
    }
    if (At(i, "&&") || At(i, "||")) {
      FindOperand({OperandStart(i - 1, token(i).text), i - 1}, token(i).text);
      FindOperand({i + 1, OperandEnd(i + 1, token(i).text)}, token(i).text);
    }
  }

  // Where operands of && and || and conditions of ?: end: at anything that binds less. An operand of || goes over &&.
  bool EndsOperand(size_t i, std::string_view operation) const {
    if (At(i, ",") || At(i, ";") || At(i, "?") || At(i, ":") || At(i, "return")) return true;
    if (OneOf(token(i).text, kAssignments)) return true;
    if (operation != "?" && At(i, "||") && token(i).space_after) return true;
    return operation == "&&" && At(i, "&&") && token(i).space_after;
  }

  size_t OperandStart(size_t last, std::string_view operation) const {
    size_t i = last;
    while (true) {
      if (Closes(i)) i = Partner(i);
      if (i == 0 || i >= size()) return last;
      if (Opens(i - 1) || EndsOperand(i - 1, operation)) return i;
      if (At(i - 1, "}") && source_.context[i - 1].brace != BraceKind::kInitializer) return i;
      --i;
    }
  }

  size_t OperandEnd(size_t first, std::string_view operation) const {
    size_t i = first;
    while (true) {
      if (Opens(i)) i = Partner(i);
      if (i + 1 >= size()) return first;
      if (Closes(i + 1) || EndsOperand(i + 1, operation)) return i;
      ++i;
    }
  }

  void FindOperand(Range range, std::string_view operation) {
    if (!operands_.insert(range).second) return;
    const std::string_view neutral = operation == "&&" ? "true" : "false";
    const std::optional<uint64_t> id =
        Add(range.first, {absl::StrCat("operand ", TextOf(range), " becomes ", neutral)}, false);
    if (id) WrapCall(range, "Neutral", *id, absl::StrCat(neutral, ", "));
  }

  std::string TextOf(Range range) const {
    const size_t begin = token(range.first).begin;
    std::string text(text_.substr(begin, token(range.last).end() - begin));
    for (char& c : text) c = absl::ascii_isspace(static_cast<unsigned char>(c)) ? ' ' : c;
    absl::RemoveExtraAsciiWhitespace(&text);
    constexpr size_t kMost = 60;
    if (text.size() > kMost) text = absl::StrCat(text.substr(0, kMost - 3), "...");
    return text;
  }

  void FindCondition(size_t keyword) {
    const size_t open = keyword + 1;
    if (!At(open, "(")) return;
    const size_t last = Partner(open) - 1;
    Range range = {open + 1, last};
    for (size_t i = open + 1; i <= last && i < size(); ++i) {
      if (Opens(i)) i = Partner(i);
      if (At(i, ";")) range.first = i + 1;
    }
    for (size_t i = range.first; i <= last && i < size(); ++i) {
      if (Opens(i)) i = Partner(i);
      if (At(i, "=")) return;  // declares a variable
    }
    if (range.first == last && (At(last, "true") || At(last, "false"))) return;
    AddBool(range, At(keyword, "while"));
  }

  void AddBool(Range range, bool only_false) {
    const std::optional<uint64_t> id =
        Add(range.first,
            {only_false ? "" : absl::StrCat("condition ", TextOf(range), " becomes true"),
             absl::StrCat("condition ", TextOf(range), " becomes false")},
            false);
    if (id) WrapCall(range, "Bool", *id);
  }

  void FindChoice(size_t i) { AddBool({OperandStart(i - 1, "?"), i - 1}, false); }

  void FindReturn(size_t keyword) {
    if (!source_.context[keyword].returns_bool) return;
    size_t last = keyword;
    for (size_t i = keyword + 1; i < size() && !At(i, ";"); ++i) {
      if (Opens(i)) i = Partner(i);
      if (At(i, "?")) return;
      last = i;
    }
    if (last == keyword || last >= size()) return;
    if (last == keyword + 1 && (At(last, "true") || At(last, "false"))) return;
    AddBool({keyword + 1, last}, false);
  }

  void FindNumber(size_t i) {
    Range range = {i, i};
    if (At(i - 1, "{") && At(i + 1, "}") && i >= 2 && Identifier(i - 2)) {  // uint64_t{1}
      range = {i - 2, i + 1};
      while (range.first >= 2 && At(range.first - 1, "::")) range.first -= 2;
      if (range.first > 0 && (Identifier(range.first - 1) && !At(range.first - 1, "return"))) return;  // T name{1}
      if (!own_.numbers.empty() && own_.numbers.contains(token(i - 2).text)) return;
    } else if (source_.context[i].in_initializer) {
      return;  // narrowing is an error there
    }
    const std::string_view text = token(i).text;
    const bool hexadecimal = text.starts_with("0x");
    const bool floating =
        hexadecimal ? absl::StrContains(text, 'p') : absl::StrContains(text, '.') || absl::StrContains(text, 'e');
    const bool threshold = floating || NextToOrder(range) || InPolicy();
    if (floating || (threshold && text != "0" && text != "1")) {
      const std::string_view more = floating ? " * 1.01" : " + 1", less = floating ? " * 0.99" : " - 1";
      const std::optional<uint64_t> id =
          Add(i, {absl::StrCat(text, " becomes ", text, more), absl::StrCat(text, " becomes ", text, less)}, threshold);
      if (id) WrapCall(range, "Near", *id);
      return;
    }
    const std::optional<uint64_t> id = Add(i, {absl::StrCat(text, " becomes ", text, " + 1")}, threshold);
    if (id) WrapCall(range, "More", *id);
  }

  void FindName(size_t i) {
    if (At(i, "true") || At(i, "false")) {
      const std::optional<uint64_t> id =
          Add(i, {absl::StrCat(token(i).text, " becomes ", At(i, "true") ? "false" : "true")}, false);
      if (id) WrapCall({i, i}, "Not", *id);
      return;
    }
    if (At(i + 1, "::") || At(i + 1, "(") || At(i + 1, "[") || At(i + 1, ".") || At(i + 1, "{")) return;
    Range range = {i, i};
    while (range.first >= 2 && At(range.first - 1, "::")) range.first -= 2;
    if (range.first > 0 && (At(range.first - 1, ".") || At(range.first - 1, "->") || At(range.first - 1, "::"))) return;
    if (IsNumber(token(i).text, own_, all_)) return AddConstant(range);
    if (i < 2 || !At(i - 1, "::")) return;
    const auto entry = all_.enums.find(token(i - 2).text);
    if (entry == all_.enums.end()) return;
    const std::vector<std::string>& names = entry->second;
    const auto name = std::ranges::find(names, token(i).text);
    if (name == names.end() || names.size() < 2) return;
    const std::string& other = name + 1 == names.end() ? names.front() : *(name + 1);
    const size_t begin = token(range.first).begin;
    const std::string prefix(text_.substr(begin, token(i).begin - begin));
    const std::optional<uint64_t> id = Add(i, {absl::StrCat(token(i).text, " becomes ", other)}, false);
    if (id) Wrap(range, absl::StrCat("::mutation::Other(", *id, "u, "), absl::StrCat(", ", prefix, other, ")"));
  }

  void AddConstant(Range range) {
    const bool spread = range.first > 0 && At(range.first - 1, "&") && !token(range.first - 1).space_after;
    if (source_.context[range.first].in_initializer || spread) return;
    const std::string_view name = token(range.last).text;
    const std::optional<uint64_t> id =
        Add(range.first, {absl::StrCat(name, " becomes more"), absl::StrCat(name, " becomes less")},
            !source_.context[range.first].loop_header);
    if (id) WrapCall(range, "Near", *id);
  }

  void FindStatement(size_t first) {
    if (At(first, "break") || At(first, "continue")) return AddDeletion({first, first + 1});
    size_t i = first;
    bool acts = false;
    while (At(i, "*") || At(i, "++") || At(i, "--")) acts |= !At(i++, "*");
    if (!Identifier(i) || OneOf(token(i).text, kNotCalls)) return;
    if (token(i).text.starts_with("CHECK") || token(i).text.starts_with("DCHECK")) return;
    for (bool name_may_follow = true; i < size();) {
      if (Identifier(i) && name_may_follow) {
        name_may_follow = false;
        ++i;
      } else if (At(i, "::") || At(i, ".") || At(i, "->")) {
        name_may_follow = true;
        ++i;
      } else if (At(i, "(") || At(i, "[")) {
        acts |= At(i, "(");
        i = Partner(i) + 1;
      } else if (At(i, "++") || At(i, "--")) {
        acts = true;
        ++i;
      } else if (At(i, "<") && !token(i).space_before) {
        i = source_.EndOfTemplate(i) + 1;
      } else {
        break;
      }
    }
    if (i >= size()) return;
    if (At(i, ";") && acts) return AddDeletion({first, i});
    if (!OneOf(token(i).text, kAssignments)) return;
    while (i < size() && !At(i, ";")) i = Opens(i) ? Partner(i) + 1 : i + 1;
    if (i < size()) AddDeletion({first, i});
  }

  void AddDeletion(Range range) {
    if (!At(range.last, ";")) return;
    const std::optional<uint64_t> id =
        Add(range.first, {absl::StrCat("deleted: ", TextOf({range.first, range.last - 1}))}, false);
    if (id) Wrap(range, absl::StrCat("{ if (!::mutation::On(", *id, "u)) { "), " } }");
  }

  std::string_view path_;
  std::string_view text_;
  const Vocabulary& all_;
  const std::set<int>& skipped_;
  Source source_;
  Vocabulary own_;
  uint64_t next_id_;
  std::vector<size_t> line_starts_;
  std::map<std::pair<int, std::string>, int> times_;
  std::set<Range> operands_;
  MutatedSource found_;
};

}  // namespace

std::string_view MutantClassName(MutantClass mutant_class) {
  static constexpr std::string_view kNames[] = {"comparison", "exit code", "threshold", "other"};
  return kNames[static_cast<int>(mutant_class)];
}

uint64_t FirstMutantId(std::string_view path) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : path) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return (hash >> 32 << 16) + 1;
}

MutatedSource FindMutants(std::string_view path, std::string_view text, const Vocabulary& vocabulary,
                          const std::set<int>& skipped_lines) {
  return Finder(path, text, vocabulary, skipped_lines).Run();
}

std::string ApplyEdits(std::string_view text, const std::vector<Edit>& edits) {
  // Opening the longest first, closing what opened last first; of equal ones what was found first is outside.
  std::vector<size_t> order(edits.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, [&](size_t i, size_t j) {
    const Edit &a = edits[i], &b = edits[j];
    if (a.at != b.at) return a.at < b.at;
    if (a.closes != b.closes) return a.closes;
    if (a.partner != b.partner) return a.partner > b.partner;
    return a.closes ? i > j : i < j;
  });
  std::string result;
  size_t at = 0;
  for (const size_t i : order) {
    const Edit& edit = edits[i];
    absl::StrAppend(&result, text.substr(at, edit.at - at), edit.text);
    at = edit.at + edit.remove;
  }
  return absl::StrCat(result, text.substr(at));
}

}  // namespace bitnet::mutation
