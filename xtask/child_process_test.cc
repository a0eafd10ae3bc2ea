#include "xtask/child_process.h"

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet::xtask {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

const std::atomic<bool> kNever{false};

TEST(ChildProcessTest, ExitCodeAndStderrComeBack) {
  const auto result = RunChild({"/bin/sh", "-c", "echo answer; echo complaint >&2; exit 3"}, kNever);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->err, "complaint\n");
  EXPECT_EQ(RunChild({"true"}, kNever)->exit_code, 0) << "found in PATH";
}

TEST(ChildProcessTest, StandardInputIsEmpty) { EXPECT_EQ(RunChild({"/bin/sh", "-c", "cat >&2"}, kNever)->err, ""); }

TEST(ChildProcessTest, OnlyTheEndOfALongStderrIsKept) {
  const auto result = RunChild({"/bin/sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x >&2; echo end >&2"}, kNever);
  EXPECT_EQ(result->err.size(), 4096u);
  EXPECT_THAT(result->err, EndsWith("xend\n"));
}

TEST(ChildProcessTest, AProgramThatIsNotThereIsNotFound) {
  const auto result = RunChild({"/no/such/program"}, kNever);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(result.status().message(), HasSubstr("cannot run /no/such/program"));
}

TEST(ChildProcessTest, ASignalIsNamed) {
  EXPECT_EQ(RunChild({"/bin/sh", "-c", "kill -TERM $$"}, kNever)->exit_code, 128 + 15);
}

TEST(ChildProcessTest, AnInterruptionIsPassedOn) {
  std::atomic<bool> interrupted{true};
  EXPECT_EQ(RunChild({"/bin/sleep", "1000"}, interrupted)->exit_code, 128 + 2);
}

}  // namespace
}  // namespace bitnet::xtask
