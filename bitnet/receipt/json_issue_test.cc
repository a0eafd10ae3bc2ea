#include "bitnet/receipt/json_issue.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "bitnet/receipt/document.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

TEST(JsonPathTest, PrintsAJsonPointer) {
  JsonPath path;
  EXPECT_EQ(path.Print(), "");
  path.Push("evidence");
  path.Push(3);
  path.Push("a/b~c");
  EXPECT_EQ(path.Print(), "/evidence/3/a~1b~0c");
  path.Pop();
  EXPECT_EQ(path.Print(), "/evidence/3");
}

TEST(JsonPathTest, CutsWhatNobodyReads) {
  const std::string name(32'000, 'x');
  JsonPath path;
  path.Push(name);
  path.Push("child");
  EXPECT_EQ(path.Print(), absl::StrCat("/", std::string(JsonPath::kMaxBytes - 1, 'x'), "..."));
}

TEST(JsonIssuesTest, KeepsTheFirstOfEachKindAndCountsAll) {
  JsonIssues issues;
  int made = 0;
  for (size_t i = 0; i < 1000; ++i) {
    JsonPath path;
    path.Push(i);
    issues.Add(JsonIssueKind::kType, path, [&] { return absl::StrCat("message ", made++); });
  }
  issues.Add(JsonIssueKind::kLimit, "large");
  EXPECT_EQ(issues.size(), JsonIssues::kKept + 1);
  EXPECT_EQ(made, static_cast<int>(JsonIssues::kKept));
  EXPECT_EQ(issues.Count(JsonIssueKind::kType), 1000u);
  EXPECT_EQ(issues.Count(JsonIssueKind::kLimit), 1u);
  EXPECT_EQ(issues.Count(JsonIssueKind::kUnknown), 0u);
  EXPECT_EQ(issues[15].path, "/15");
}

// One long name over thousands of bad members: what is kept does not grow with their product.
TEST(JsonIssuesTest, AHostileTextLeavesAShortReport) {
  std::string text = absl::StrCat("{\"", std::string(32'000, 'k'), "\":[");
  for (int i = 0; i < 6'600; ++i) absl::StrAppend(&text, i == 0 ? "" : ",", "1e-0");
  for (const std::string& close : {std::string("]}"), std::string("],\"environment\":{\"a\":1,\"a\":1}}")}) {
    const ReceiptDocument document = ReadReceiptDocument(text + close);
    ASSERT_FALSE(document.issues.empty());
    size_t bytes = 0;
    for (const JsonIssue& issue : document.issues) bytes += issue.path.size() + issue.message.size();
    EXPECT_LT(bytes, 40'000u);
  }
}

}  // namespace
}  // namespace bitnet
