#include "bitnet/receipt/document.h"

#include <string>

#include "gtest/gtest.h"

namespace bitnet {
namespace {

TEST(ReadReceiptDocumentTest, FillsTheMessage) {
  const ReceiptDocument document = ReadReceiptDocument(
      R"({"schema_version":"1.0.0","tokens_generated":7,"tokens_per_second":1.5,"deterministic":true,
          "kernels":["rope_apply"],"environment":{"OS":"linux"},
          "evidence":{"kernel_counts":[{"id":"i2s_gemv_avx2","calls":3}],"timing":{"clock":{"start":{"tsc":9}}}}})");
  EXPECT_TRUE(document.issues.empty());
  EXPECT_EQ(document.receipt.schema_version(), "1.0.0");
  EXPECT_EQ(document.receipt.tokens_generated(), 7);
  EXPECT_EQ(document.receipt.tokens_per_second(), 1.5);
  EXPECT_TRUE(document.receipt.deterministic());
  EXPECT_EQ(document.receipt.kernels(0), "rope_apply");
  EXPECT_EQ(document.receipt.environment().at("OS"), "linux");
  EXPECT_EQ(document.receipt.evidence().kernel_counts(0).calls(), 3);
  EXPECT_EQ(document.receipt.evidence().timing().clock().start().tsc(), 9);
  EXPECT_FALSE(document.receipt.has_tokens_requested());
  EXPECT_FALSE(document.receipt.evidence().timing().has_wall_ns());
  EXPECT_EQ(document.typed_members, 14);
}

TEST(ReadReceiptDocumentTest, UnknownMembersAreReportedNotDropped) {
  const ReceiptDocument document = ReadReceiptDocument(R"({"a":1,"evidence":{"b":{"c":2},"timing":{"d":3}}})");
  ASSERT_EQ(document.issues.size(), 3);
  EXPECT_EQ(document.issues[0].path, "/a");
  EXPECT_EQ(document.issues[1].path, "/evidence/b");
  EXPECT_EQ(document.issues[2].path, "/evidence/timing/d");
  for (const JsonIssue& issue : document.issues) EXPECT_EQ(issue.kind, JsonIssueKind::kUnknown);
  EXPECT_EQ(document.json->AtPath("/evidence/b/c")->AsInt64(), 2);
}

TEST(ReadReceiptDocumentTest, TypesAreExact) {
  for (const char* text :
       {R"({"tokens_generated":"7"})", R"({"tokens_generated":7.0})", R"({"tokens_generated":true})",
        R"({"tokens_generated":null})", R"({"tokens_generated":[7]})", R"({"tokens_per_second":7})",
        R"({"deterministic":1})", R"({"backend":1})", R"({"kernels":"x"})", R"({"kernels":[1]})", R"({"kernels":null})",
        R"({"environment":{"OS":1}})", R"({"environment":[]})", R"({"evidence":[]})", R"({"evidence":{"schedule":{}}})",
        R"({"evidence":{"schedule":[1]}})"}) {
    const ReceiptDocument document = ReadReceiptDocument(text);
    ASSERT_EQ(document.issues.size(), 1) << text;
    EXPECT_EQ(document.issues[0].kind, JsonIssueKind::kType) << text;
    EXPECT_FALSE(document.receipt.has_tokens_generated());
  }
}

// camelCase is protobuf's JSON, not ours.
TEST(ReadReceiptDocumentTest, NamesAreExact) {
  const ReceiptDocument document = ReadReceiptDocument(R"({"computePath":"real"})");
  EXPECT_TRUE(document.HasIssue(JsonIssueKind::kUnknown));
  EXPECT_FALSE(document.receipt.has_compute_path());
}

}  // namespace
}  // namespace bitnet
