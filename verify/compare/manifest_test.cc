#include "verify/compare/manifest.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "bitnet/base/sha256.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "verify/compare/testing_manifest.h"

namespace bitnet::verify {
namespace {

using testing::HasSubstr;

TEST(ManifestTest, WhatIsWrittenIsReadBack) {
  const Manifest manifest = TestingManifest(3);
  const auto again = ReadManifest(WriteManifest(manifest));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, manifest);
  EXPECT_EQ(manifest.expires - manifest.created, absl::Hours(24) * 30);
}

// By the definition of RFC 6962 for three leaves: node(node(a, b), c).
TEST(ManifestTest, TheRootIsTheTreeOverTheDigestsInTheirOrder) {
  const Manifest manifest = TestingManifest(3);
  const auto leaf = [&](size_t i) {
    std::string digest;
    EXPECT_TRUE(absl::HexStringToBytes(manifest.receipts[i].sha256, &digest));
    return Sha256Of(absl::StrCat(std::string(1, '\0'), digest));
  };
  const auto node = [](const Digest& left, const Digest& right) {
    return Sha256().Update(std::string_view("\x01")).Update(left).Update(right).Finish();
  };
  EXPECT_EQ(ManifestRoot(manifest.receipts), ToHex(node(node(leaf(0), leaf(1)), leaf(2))));
  std::vector<ManifestEntry> swapped = manifest.receipts;
  std::swap(swapped[0], swapped[1]);
  EXPECT_NE(ManifestRoot(swapped), ManifestRoot(manifest.receipts));
}

// Every edit of the text of a right manifest, and a word of the error that it gets.
TEST(ManifestTest, WhatIsNotExactlyAManifestIsRefused) {
  const std::string text = WriteManifest(TestingManifest(3));
  struct Edit {
    std::string from, to, word;
  };
  const Manifest manifest = TestingManifest(3);
  const std::string digest = manifest.receipts[1].sha256;
  std::string other = digest;
  other[0] = other[0] == '0' ? '1' : '0';
  const Edit edits[] = {
      {"\"manifest_version\": \"1\"", "\"manifest_version\": \"2\"", "manifest_version"},
      {"\"manifest_version\": \"1\",", "", "manifest_version"},
      {"\"created\": ", "\"created\": 1, \"x\": ", "created"},
      {"\"root\": ", "\"note\": \"\", \"root\": ", "note"},
      {"\"root\": ", "\"root\": \"\", \"roots\": ", "root"},
      {"2026-12-21", "2026-10-21", "expires is not after created"},
      {"2026-12-21T00:00:00Z", "2026-12-21", "expires"},
      {"run-02.json", "run-01.json", "is there twice"},
      {"run-02.json", "../run-02.json", "expected a name"},
      {"run-02.json", ".run-02.json", "expected a name"},
      {"run-02.json", "-", "expected a name"},
      {"run-02.json", "", "expected a name"},
      {"run-02.json", std::string(65, 'x'), "at most 64"},
      {digest, other, "root"},
      {digest, manifest.receipts[0].sha256, "a receipt is there twice"},
      {digest, digest.substr(1), "64 lower-case hexadecimal digits"},
      {manifest.machine, std::string(64, 'A'), "machine"},
      {"\"receipts\": [", "\"receipts\": [7,", "receipts"},
      {"\"sha256\": ", "\"size\": 1, \"sha256\": ", "size"},
      {"{", "[", "manifest"},
  };
  for (const Edit& edit : edits) {
    const std::string edited = absl::StrReplaceAll(text, {{edit.from, edit.to}});
    ASSERT_NE(edited, text) << edit.from;
    const auto read = ReadManifest(edited);
    ASSERT_FALSE(read.ok()) << edit.from << " -> " << edit.to;
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(read.status().message(), HasSubstr(edit.word)) << edit.from << " -> " << edit.to;
  }
  EXPECT_FALSE(ReadManifest("").ok());
  EXPECT_FALSE(ReadManifest(text + "x").ok());
}

TEST(ManifestTest, AReceiptLeftOutIsNoticed) {
  Manifest manifest = TestingManifest(3);
  const std::string root = ManifestRoot(manifest.receipts);
  manifest.receipts.pop_back();
  const std::string text = absl::StrReplaceAll(WriteManifest(manifest), {{ManifestRoot(manifest.receipts), root}});
  EXPECT_THAT(ReadManifest(text).status().message(), HasSubstr("the receipts have"));
}

TEST(ManifestTest, TwoToSixtyReceipts) {
  EXPECT_FALSE(MakeManifest(TestingManifestRuns(1), TestingManifestTime(), absl::Hours(1)).ok());
  EXPECT_TRUE(MakeManifest(TestingManifestRuns(2), TestingManifestTime(), absl::Hours(1)).ok());
  const auto sixty = MakeManifest(TestingManifestRuns(60), TestingManifestTime(), absl::Hours(1));
  ASSERT_TRUE(sixty.ok());
  EXPECT_TRUE(ReadManifest(WriteManifest(*sixty)).ok()) << "within the limit of bytes";
  EXPECT_FALSE(MakeManifest(TestingManifestRuns(61), TestingManifestTime(), absl::Hours(1)).ok());
  EXPECT_FALSE(MakeManifest(TestingManifestRuns(2), TestingManifestTime(), absl::ZeroDuration()).ok());
}

TEST(ManifestTest, TheWorkloadIsWhatWasAskedFor) {
  const MeasuredRun run = TestRun("a", 0);
  const std::string digest = WorkloadDigest(run);
  MeasuredRun other = TestRun("a", 5, 0.5);
  EXPECT_EQ(WorkloadDigest(other), digest) << "neither prompt nor speed";
  other.threads = 3;
  EXPECT_NE(WorkloadDigest(other), digest);
  other = run;
  other.schedule = "other";
  EXPECT_NE(WorkloadDigest(other), digest);
  other = run;
  other.workload = "other";
  EXPECT_NE(WorkloadDigest(other), digest);
}

}  // namespace
}  // namespace bitnet::verify
