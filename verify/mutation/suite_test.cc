#include "verify/mutation/suite.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace bitnet::mutation {
namespace {

// A test of two mutants: 5 is noticed, 6 is passed by without a word, 7 has nothing to change.
constexpr std::string_view kScript = R"(#!/bin/sh
if [ -n "$BITNET_MUTANT_LOG" ]; then printf '+5\n+6\n-7\n' >> "$BITNET_MUTANT_LOG"; fi
[ "$BITNET_MUTANT" != 5 ]
)";

absl::StatusOr<Suite> SuiteOf(std::string_view script, const std::string& name) {
  const std::filesystem::path outputs = testing::TempDir() + "/outputs";
  const std::filesystem::path program = outputs / "pkg" / name;
  std::filesystem::create_directories(program.string() + ".runfiles/bitnet");
  std::ofstream(program) << script;
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  return Suite::Open({absl::StrCat("//pkg:", name)}, outputs, testing::TempDir() + "/temporary");
}

TEST(SuiteTest, RecordsAndKills) {
  absl::StatusOr<Suite> suite = SuiteOf(kScript, "good");
  ASSERT_TRUE(suite.ok()) << suite.status();
  ASSERT_TRUE(suite->Record(1).ok());
  EXPECT_EQ(suite->binaries()[0].cases[0].reached, (std::set<uint64_t>{5, 6}));
  EXPECT_EQ(suite->not_applicable(), (std::set<uint64_t>{7}));
  const absl::StatusOr<Kill> killed = suite->Try(5, 60, 0);
  ASSERT_TRUE(killed.ok());
  EXPECT_TRUE(killed->killed);
  EXPECT_EQ(killed->by, "//pkg:good exit 1");
  const absl::StatusOr<Kill> survived = suite->Try(6, 60, 0);
  EXPECT_FALSE(survived->killed);
  EXPECT_EQ(survived->cases_run, 1);
  EXPECT_EQ(suite->Try(8, 60, 0)->cases_run, 0);
}

// What a GoogleTest binary with two cases answers; each comes by a mutant of its own and notices it.
constexpr std::string_view kGoogleTest = R"(#!/bin/sh
case "$1" in
  --gtest_list_tests)
    printf 'Running main() from gtest_main.cc\nATest.\n  First\n  ASecondOneWithALongName  # GetParam() = 3\n'; exit ;;
  --gtest_filter=ATest.First) id=5 ;;
  --gtest_filter=ATest.ASecondOneWithALongName) id=6 ;;
  *) echo '[==========] Running 0 tests from 0 test suites.'; exit ;;
esac
echo '[==========] Running 1 test from 1 test suite.'
echo "[ RUN      ] ATest.Case$id"
if [ -n "$BITNET_MUTANT_LOG" ]; then echo "+$id" >> "$BITNET_MUTANT_LOG"; fi
[ "$BITNET_MUTANT" != $id ]
)";

TEST(SuiteTest, CasesOfGoogleTestAreRunOneByOne) {
  const std::string params = testing::TempDir() + "/outputs/pkg/google-2.params";
  std::filesystem::create_directories(testing::TempDir() + "/outputs/pkg");
  std::ofstream(params) << "";
  absl::StatusOr<Suite> suite = SuiteOf(kGoogleTest, "google");
  ASSERT_TRUE(suite.ok()) << suite.status();
  ASSERT_EQ(suite->cases(), 2u);
  EXPECT_EQ(suite->binaries()[0].cases[1].name, "ATest.ASecondOneWithALongName");
  const absl::Status recorded = suite->Record(1);
  ASSERT_TRUE(recorded.ok()) << recorded;
  EXPECT_EQ(suite->binaries()[0].cases[0].reached, (std::set<uint64_t>{5}));
  EXPECT_EQ(suite->Try(6, 60, 0)->by, "//pkg:google ATest.Case6, exit 1");
}

TEST(SuiteTest, ATestThatFailsByItselfIsAnError) {
  absl::StatusOr<Suite> suite = SuiteOf("#!/bin/sh\nexit 1\n", "bad");
  ASSERT_TRUE(suite.ok()) << suite.status();
  const absl::Status status = suite->Record(1);
  EXPECT_TRUE(absl::StrContains(status.message(), "//pkg:bad  fails with no mutant on")) << status;
}

}  // namespace
}  // namespace bitnet::mutation
