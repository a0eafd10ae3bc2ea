#include "bitnet/base/child_process.h"

#include <csignal>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "bitnet/base/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

TEST(ChildProcessTest, ExitCodeAndStderrComeBack) {
  const auto result = RunChild({"/bin/sh", "-c", "echo answer; echo complaint >&2; exit 3"}, {});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->err, "complaint\n");
  EXPECT_EQ(RunChild({"true"}, {})->exit_code, 0) << "found in PATH";
}

TEST(ChildProcessTest, StandardInputIsEmpty) { EXPECT_EQ(RunChild({"/bin/sh", "-c", "cat >&2"}, {})->err, ""); }

TEST(ChildProcessTest, OnlyTheEndOfALongStderrIsKept) {
  const auto result = RunChild({"/bin/sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x >&2; echo end >&2"}, {});
  EXPECT_EQ(result->err.size(), 4096u);
  EXPECT_THAT(result->err, EndsWith("xend\n"));
}

TEST(ChildProcessTest, AProgramThatIsNotThereIsNotFound) {
  const auto result = RunChild({"/no/such/program"}, {});
  EXPECT_EQ(result.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(result.status().message(), HasSubstr("cannot run /no/such/program"));
}

TEST(ChildProcessTest, ASignalIsNamed) {
  const auto result = RunChild({"/bin/sh", "-c", "kill -TERM $$"}, {});
  EXPECT_EQ(result->exit_code, 128 + 15);
  EXPECT_EQ(result->signal, 15);
  EXPECT_FALSE(result->timed_out);
  EXPECT_EQ(RunChild({"/bin/sh", "-c", "exit 143"}, {})->signal, 0) << "a number that looks like it";
}

TEST(ChildProcessTest, AnInterruptionIsPassedOn) {
  std::atomic<bool> interrupted{true};
  EXPECT_EQ(RunChild({"/bin/sleep", "1000"}, {.interrupted = &interrupted})->exit_code, 128 + 2);
}

// Not how long things take, only that the measured time contains them.
TEST(ChildProcessTest, TheTimeOutsideContainsTheRun) {
  const uint64_t before = NowNs();
  const auto result = RunChild({"/bin/sleep", "0.05"}, {});
  EXPECT_GE(result->wall_ns, 50'000'000u);
  EXPECT_LE(result->wall_ns, NowNs() - before);
}

TEST(ChildProcessTest, ATimeoutKillsTheProgramAndWhatItStarted) {
  const auto result = RunChild({"/bin/sh", "-c", "trap '' TERM INT; sleep 1000 & echo started >&2; sleep 1000"},
                               {.timeout_ns = 100'000'000});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->timed_out);
  EXPECT_EQ(result->signal, 9);
  EXPECT_EQ(result->err, "started\n");
  EXPECT_GE(result->wall_ns, 100'000'000u);
}

TEST(ChildProcessTest, WhatIsLeftRunningIsNotWaitedFor) {
  const auto result = RunChild({"/bin/sh", "-c", "sleep 3 & echo $! >&2"}, {});
  EXPECT_EQ(result->exit_code, 0);
  int pid = 0;
  ASSERT_TRUE(absl::SimpleAtoi(result->err, &pid)) << result->err;
  EXPECT_EQ(kill(pid, SIGKILL), 0) << "it still ran";
}

TEST(ChildProcessTest, AProgramThatClosesStderrIsWaitedFor) {
  EXPECT_EQ(RunChild({"/bin/sh", "-c", "exec 2>&-; sleep 0.05; exit 4"}, {})->exit_code, 4);
}

TEST(ChildProcessTest, VariablesArePutOverThoseThatAreInherited) {
  setenv("BITNET_TEST_INHERITED", "old", 1);
  const auto result = RunChild({"/bin/sh", "-c", "echo $BITNET_TEST_INHERITED,$BITNET_TEST_NEW >&2"},
                               {.environment = {"BITNET_TEST_INHERITED=new", "BITNET_TEST_NEW=a=b"}});
  EXPECT_EQ(result->err, "new,a=b\n");
  EXPECT_EQ(RunChild({"/bin/sh", "-c", "echo $BITNET_TEST_INHERITED >&2"}, {})->err, "old\n");
  unsetenv("BITNET_TEST_INHERITED");
}

}  // namespace
}  // namespace bitnet
