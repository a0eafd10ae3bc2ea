#include "bitnet/engine/stop_matcher.h"

#include <string>

#include "gtest/gtest.h"

namespace bitnet {
namespace {

// Everything shown when `text` arrives in pieces of `size` bytes.
std::string Shown(StopMatcher matcher, const std::string& text, size_t size) {
  std::string shown;
  for (size_t i = 0; i < text.size(); i += size) shown += matcher.Push(text.substr(i, size));
  if (!matcher.stopped()) shown += matcher.Flush();
  return shown;
}

TEST(StopMatcher, ShowsEverythingWithoutAStop) {
  for (size_t size = 1; size < 8; ++size)
    EXPECT_EQ(Shown(StopMatcher({"###"}), "a ## b # c ##", size), "a ## b # c ##");
}

TEST(StopMatcher, HidesTheStopWhereverItIsCut) {
  for (size_t size = 1; size < 12; ++size)
    EXPECT_EQ(Shown(StopMatcher({"User:"}), "hello UsUser: more", size), "hello Us");
}

TEST(StopMatcher, EarliestOfSeveralWins) { EXPECT_EQ(Shown(StopMatcher({"world", "lo"}), "hello world", 100), "hel"); }

TEST(StopMatcher, HoldsBackOnlyWhatCouldBecomeAStop) {
  StopMatcher matcher({"abc"});
  EXPECT_EQ(matcher.Push("xab"), "x");
  EXPECT_EQ(matcher.Push("d"), "abd");
  EXPECT_EQ(matcher.Push("ab"), "");
  EXPECT_EQ(matcher.Push("c"), "");
  EXPECT_TRUE(matcher.stopped());
  EXPECT_EQ(matcher.Push("more"), "");
}

TEST(StopMatcher, EmptyStopStringsAreIgnored) { EXPECT_EQ(Shown(StopMatcher({"", ""}), "text", 1), "text"); }

}  // namespace
}  // namespace bitnet
