// docs/verification.md says of every level what the tool says of it, word for word.

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "verify/policy.h"
#include "verify/report.h"

namespace bitnet::verify {
namespace {

// With one blank between words, and without the marks of a quoted paragraph.
std::string Words(std::string_view text) {
  std::string words;
  for (const std::string_view word : absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty())) {
    if (word != ">") words += std::string(word) + " ";
  }
  return words;
}

TEST(MeaningsTest, TheDocumentHasThemVerbatim) {
  std::ifstream file("docs/verification.md");
  const std::string document = Words(std::string(std::istreambuf_iterator<char>(file), {}));
  for (const Level level : kLevels) {
    ASSERT_FALSE(AcceptanceMeaning(level).empty());
    EXPECT_NE(document.find(Words(AcceptanceMeaning(level))), std::string::npos)
        << "docs/verification.md lacks: " << AcceptanceMeaning(level);
  }
}

}  // namespace
}  // namespace bitnet::verify
