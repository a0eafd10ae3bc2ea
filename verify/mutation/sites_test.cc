#include "verify/mutation/sites.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "verify/mutation/tokens.h"

namespace bitnet::mutation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kPath = "verify/x.cc";

MutatedSource Find(std::string_view text, std::string_view path = kPath, const std::set<int>& skipped = {}) {
  Vocabulary vocabulary;
  vocabulary.Learn(ReadSource(text));
  return FindMutants(path, text, vocabulary, skipped);
}

std::vector<std::string> Changes(std::string_view text, std::string_view path = kPath) {
  std::vector<std::string> changes;
  for (const Mutant& mutant : Find(text, path).mutants) changes.push_back(mutant.change);
  return changes;
}

// The rewritten text, with ids counted from 1.
std::string Rewritten(std::string_view text) {
  const MutatedSource found = Find(text);
  std::string rewritten = ApplyEdits(text, found.edits);
  const uint64_t first = FirstMutantId(kPath);
  for (uint64_t i = 0; i < 20; ++i) {
    rewritten = absl::StrReplaceAll(rewritten, {{absl::StrCat(first + i, "u"), absl::StrCat(i + 1)}});
  }
  return absl::StrReplaceAll(rewritten, {{"::mutation::", "@"}});
}

// In a function that returns `type`.
std::string Function(std::string_view body, std::string_view type = "void") {
  return absl::StrCat(type, " F() {\n", body, "\n}\n");
}

TEST(TokensTest, LeaveCommentsAndDirectivesOut) {
  std::vector<std::string_view> texts;
  const std::string source =
      "#define A \\\n  b\nint x = 0x1p-3; // y\n/* z\n */ R\"(\" a)\" 'c' \"\\\"\" 1'000.5e-3f <<= a->b ::c\n";
  for (const Token& token : Tokenize(source)) texts.push_back(token.text);
  EXPECT_THAT(texts, ElementsAre("int", "x", "=", "0x1p-3", ";", "R\"(\" a)\"", "'c'", "\"\\\"\"", "1'000.5e-3f",
                                 "<<=", "a", "->", "b", "::", "c"));
}

TEST(SitesTest, RelationsTakeAnOperandInBetween) {
  EXPECT_EQ(Rewritten(Function("  x = a < b + c;")),
            Function("  { if (!@On(1)) { x = a < @Lt{2} > b + @Add{4} + c; } }"));
}

TEST(SitesTest, ConditionsAndOperandsNest) {
  EXPECT_EQ(Rewritten(Function("  if (a.ok() && !b) F();")),
            Function("  if (@Bool(1, @Neutral(3, true, a.ok()) && @Neutral(4, true, !b))) { if (!@On(5)) { F(); } }"));
}

TEST(SitesTest, AnOperandOfOrGoesOverAnd) {
  EXPECT_THAT(Changes(Function("  x(a && b || c);")),
              ElementsAre("deleted: x(a && b || c)", "operand a becomes true", "operand b becomes true",
                          "operand a && b becomes false", "operand c becomes false"));
}

TEST(SitesTest, OrderHasABoundaryAndAnOpposite) {
  EXPECT_THAT(Changes(Function("  return a <= b;")), ElementsAre("<= becomes <", "<= becomes >"));
  EXPECT_THAT(Changes(Function("  return a != b;")), ElementsAre("!= becomes =="));
  EXPECT_THAT(Changes(Function("  for (;i < n;) {}")), ElementsAre("< becomes <="));
}

TEST(SitesTest, WhatReturnsBoolReturnsTheOther) {
  EXPECT_THAT(Changes(Function("  return f(x);", "bool")),
              ElementsAre("condition f(x) becomes true", "condition f(x) becomes false"));
  EXPECT_THAT(Changes(Function("  return false;", "bool")), ElementsAre("false becomes true"));
  EXPECT_THAT(Changes(Function("  return f(x);", "int")), IsEmpty());
}

TEST(SitesTest, NumbersAndConstants) {
  const std::string source = "constexpr int kMost = 7;\n" + Function("  return x < kMost ? 3 : y(1.5);");
  EXPECT_THAT(Changes(source), ElementsAre("< becomes <=", "< becomes >=", "kMost becomes more", "kMost becomes less",
                                           "condition x < kMost becomes true", "condition x < kMost becomes false",
                                           "3 becomes 3 + 1", "1.5 becomes 1.5 * 1.01", "1.5 becomes 1.5 * 0.99"));
}

TEST(SitesTest, EnumeratorsBecomeTheNext) {
  const std::string source = "enum class E : int { kA, kB = 3 };\n" + Function("  return n::E::kB;");
  EXPECT_THAT(Changes(source), ElementsAre("kB becomes kA"));
  EXPECT_TRUE(absl::StrContains(Rewritten(source), "return @Other(1, n::E::kB, n::E::kA);"));
}

TEST(SitesTest, StatementsAreDeletedAndDeclarationsAreNot) {
  EXPECT_THAT(Changes(Function("  a.b(c);\n  ++n;\n  x[y] = z;\n  RETURN_IF_ERROR(f());")),
              ElementsAre("deleted: a.b(c)", "deleted: ++n", "deleted: x[y] = z", "deleted: RETURN_IF_ERROR(f())"));
  EXPECT_THAT(Changes(Function("  int a = b;\n  std::vector<std::vector<int>> c(d);\n  auto [e, f] = g;\n  T& h = i;")),
              IsEmpty());
  EXPECT_THAT(Changes(Function("  while (f(x)) break;")),
              ElementsAre("condition f(x) becomes false", "deleted: break"));
}

TEST(SitesTest, WhatIsNotRunTimeCodeIsLeftAlone) {
  EXPECT_THAT(Changes("constexpr bool kX = 1 < 2;\nstatic_assert(3 == 3);\nusing T = A<4>;\nint f(int a = 5);\n"),
              IsEmpty());
  EXPECT_THAT(Changes(Function("  switch (x) {\n    case 3:\n      return;\n  }\n  char b[16];\n  CHECK(a < 7);")),
              IsEmpty());
  EXPECT_THAT(Changes("struct S {\n  bool operator<(S) const;\n  int a = 3;\n};\n"), ElementsAre("3 becomes 3 + 1"));
  EXPECT_THAT(Changes("struct S {\n  virtual int f(int a) const = 0;\n};\n"), IsEmpty());
  EXPECT_THAT(Changes(Function("  return (a * ...);")), IsEmpty());
  EXPECT_THAT(Changes(Function("  const T t = {1, x};")), IsEmpty());
  EXPECT_THAT(Changes(Function("  F(a&& b, T* c, vector<int> d);")),
              ElementsAre("deleted: F(a&& b, T* c, vector<int> d)"));
}

TEST(SitesTest, ALambdaIsCodeAndNotOfTheFunctionAround) {
  EXPECT_THAT(Changes(Function("  return g([&](int a) { return h(a); });", "bool")),
              ElementsAre("condition g([&](int a) { return h(a); }) becomes true",
                          "condition g([&](int a) { return h(a); }) becomes false"));
}

TEST(SitesTest, Classes) {
  const auto class_of = [](std::string_view text, std::string_view path) {
    return Find(text, path).mutants.at(0).mutant_class;
  };
  EXPECT_EQ(class_of(Function("  x();"), "verify/compare/gate.cc"), MutantClass::kComparison);
  EXPECT_EQ(class_of(Function("  x();"), "verify/audit.cc"), MutantClass::kExitCode);
  EXPECT_EQ(class_of("int GateExitCode() {\n  return 3;\n}\n", kPath), MutantClass::kExitCode);
  EXPECT_EQ(class_of(Function("  return a < b;"), kPath), MutantClass::kThreshold);
  EXPECT_EQ(class_of(Function("  for (;a < b;) {}"), kPath), MutantClass::kOther);
  EXPECT_EQ(class_of(Function("  x();"), kPath), MutantClass::kOther);
}

TEST(SitesTest, IdsDependOnThePathAndLinesCanBeSkipped) {
  EXPECT_NE(FirstMutantId("a"), FirstMutantId("b"));
  const std::string source = Function("  x();\n  y();");
  const MutatedSource found = Find(source, kPath, {2});
  ASSERT_EQ(found.mutants.size(), 1);
  EXPECT_EQ(found.mutants[0].change, "deleted: y()");
  EXPECT_EQ(found.mutants[0].line, 3);
  EXPECT_EQ(found.mutants[0].source_line, "y();");
  EXPECT_EQ(found.dropped, 1);
}

TEST(SitesTest, TheSameChangeTwiceOnALineIsNumbered) {
  EXPECT_THAT(Changes(Function("  return f(2, 2);")), ElementsAre("2 becomes 2 + 1", "2 becomes 2 + 1 (2)"));
}

}  // namespace
}  // namespace bitnet::mutation
