// Every relative link of every document reaches a file, and its heading if it names one.

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "docs/markdown.h"
#include "gtest/gtest.h"

namespace bitnet::docs {
namespace {

std::vector<std::filesystem::path> Documents() {
  std::vector<std::filesystem::path> documents = {"README.md", "CONTRIBUTING.md", "testdata/README.md"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator("docs")) {
    if (entry.path().extension() == ".md") documents.push_back(entry.path());
  }
  std::sort(documents.begin(), documents.end());
  return documents;
}

bool IsRelative(std::string_view link) { return !absl::StrContains(link, ":") && !absl::StartsWith(link, "/"); }

TEST(LinksTest, EveryRelativeLinkReachesAFileAndItsHeading) {
  int links = 0;
  for (const std::filesystem::path& document : Documents()) {
    for (const std::string& link : Links(ReadDocument(document))) {
      if (!IsRelative(link)) continue;
      ++links;
      const size_t hash = link.find('#');
      const std::string file = link.substr(0, hash);
      const std::filesystem::path target = file.empty() ? document : (document.parent_path() / file).lexically_normal();
      ASSERT_TRUE(std::filesystem::exists(target))
          << document << " links to " << link
          << ": no such file, or not among the data of //docs:links_test; name a source file in backticks instead";
      if (hash == std::string::npos) continue;
      const std::vector<std::string> anchors = Anchors(ReadDocument(target));
      EXPECT_NE(std::find(anchors.begin(), anchors.end(), link.substr(hash + 1)), anchors.end())
          << document << " links to " << link << ": " << target << " has no such heading";
    }
  }
  EXPECT_GT(links, 10) << "links were not found";
}

TEST(LinksTest, LinksAreFoundOutsideCodeOnly) {
  EXPECT_EQ(Links("a [b](c.md) `[x](y)` [d](e/f.md#g)\n```\n[n](o)\n```\n[p](q)"),
            (std::vector<std::string>{"c.md", "e/f.md#g", "q"}));
}

TEST(LinksTest, AnchorsAreThoseOfTheHeadings) {
  EXPECT_EQ(Anchors("# The `ops.def` list\ntext\n## CA-1: sums, trees\n```\n# no\n```"),
            (std::vector<std::string>{"the-opsdef-list", "ca-1-sums-trees"}));
}

}  // namespace
}  // namespace bitnet::docs
