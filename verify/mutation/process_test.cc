#include "verify/mutation/process.h"

#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace bitnet::mutation {
namespace {

TEST(ProcessTest, TellsExitsSignalsAndTimeOuts) {
  EXPECT_TRUE(RunCommand({.args = {"true"}})->ok());
  EXPECT_EQ(RunCommand({.args = {"sh", "-c", "exit 3"}})->exit_code, 3);
  EXPECT_EQ(RunCommand({.args = {"sh", "-c", "kill -SEGV $$"}})->exit_code, 128 + 11);
  const absl::StatusOr<Ending> late = RunCommand({.args = {"sleep", "1000"}, .limit_s = 0.05});
  EXPECT_TRUE(late->timed_out);
  EXPECT_FALSE(late->ok());
  EXPECT_FALSE(RunCommand({.args = {"/no/such/program"}}).ok());
}

TEST(ProcessTest, RunsWhereAndWithWhatItIsTold) {
  const std::string output = testing::TempDir() + "/output.txt";
  ASSERT_TRUE(
      RunCommand({.args = {"sh", "-c", "echo $(pwd) $A >&2"}, .folder = "/", .environment = {"A=b"}, .output = output})
          ->ok());
  std::string line;
  std::getline(std::ifstream(output) >> std::ws, line);
  EXPECT_EQ(line, "/ b");
}

}  // namespace
}  // namespace bitnet::mutation
