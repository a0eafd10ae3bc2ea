#include "xtask/batch_lines.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet::xtask {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(BatchLinesTest, ReadsTextIdsAndNames) {
  const auto lines = ParseBatchLines(
      "{\"prompt\": \"one\"}\n"
      "\n"
      "{\"id\": \"q\", \"prompt\": \"\"}\r\n"
      "{\"prompt_ids\": [0, 2147483647], \"id\": 7}");
  ASSERT_TRUE(lines.ok()) << lines.status();
  ASSERT_EQ(lines->size(), 3u);
  EXPECT_EQ((*lines)[0].number, 1u);
  EXPECT_EQ((*lines)[0].prompt, "one");
  EXPECT_FALSE((*lines)[0].id.has_value());
  EXPECT_EQ((*lines)[1].number, 3u) << "lines are counted as they are in the file";
  EXPECT_EQ((*lines)[1].id->string(), "q");
  EXPECT_EQ((*lines)[1].prompt, "") << "text, though it has no characters";
  EXPECT_THAT((*lines)[1].prompt_ids, IsEmpty());
  EXPECT_EQ((*lines)[2].id->AsInt64(), 7);
  EXPECT_FALSE((*lines)[2].prompt.has_value());
  EXPECT_THAT((*lines)[2].prompt_ids, ElementsAre(0, 2147483647));
}

TEST(BatchLinesTest, SaysWhichLineAndWhy) {
  const std::string_view good = "{\"prompt\": \"a\"}\n";
  for (const auto& [line, reason] : std::vector<std::pair<std::string, std::string>>{
           {"{\"prompt\": \"a\"", "line 2: "},
           {"[1]", "line 2: "},
           {" ", "line 2: "},
           {"{}", "got neither"},
           {"{\"id\": 1}", "got neither"},
           {"{\"prompt\": \"a\", \"prompt_ids\": [1]}", "got both"},
           {"{\"prompt\": \"a\", \"prompt\": \"b\"}", "line 2: "},
           {"{\"prompt\": 5}", "got \"prompt\""},
           {"{\"prompt\": \"a\", \"id\": 1.5}", "got \"id\""},
           {"{\"prompt\": \"a\", \"id\": null}", "got \"id\""},
           {"{\"prompt\": \"a\", \"max_tokens\": 5}", "got \"max_tokens\""},
           {"{\"prompt_ids\": []}", "at least one token id"},
           {"{\"prompt_ids\": \"1 2\"}", "at least one token id"},
           {"{\"prompt_ids\": [1, -1]}", "element 1: expected a token id"},
           {"{\"prompt_ids\": [2147483648]}", "element 0: expected a token id"},
           {"{\"prompt_ids\": [1.0]}", "element 0: expected a token id"}}) {
    const auto lines = ParseBatchLines(std::string(good) + line + "\n" + std::string(good));
    ASSERT_EQ(lines.status().code(), absl::StatusCode::kInvalidArgument) << line;
    EXPECT_THAT(lines.status().message(), HasSubstr("line 2: ")) << line;
    EXPECT_THAT(lines.status().message(), HasSubstr(reason)) << line;
  }
  for (const std::string_view text : {"", "\n", "\r\n\n"}) {
    EXPECT_THAT(ParseBatchLines(text).status().message(), HasSubstr("no prompts")) << text;
  }
}

}  // namespace
}  // namespace bitnet::xtask
