#include "xtask/distinct_paths.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace bitnet::xtask {
namespace {

std::string Message(const std::vector<NamedPath>& read, const std::vector<NamedPath>& written) {
  return std::string(CheckDistinct(read, written).message());
}

TEST(DistinctPathsTest, FilesOfTheirOwnAreFine) {
  EXPECT_EQ(Message({{"-m", "m.gguf"}, {"--challenge", ""}}, {{"--receipt", "r.json"}, {"--report", ""}}), "");
  EXPECT_EQ(Message({}, {{"--receipt", ""}, {"--report", ""}}), "") << "flags that were not given name no file";
  EXPECT_EQ(Message({{"-m", "x"}, {"--prompt-file", "x"}}, {{"--receipt", "r.json"}}), "")
      << "reading twice is no harm";
  EXPECT_EQ(Message({}, {{"--receipt", "a/r.json"}, {"--report", "b/r.json"}}), "");
}

TEST(DistinctPathsTest, TheSecondFlagIsRefusedByName) {
  EXPECT_EQ(Message({}, {{"--receipt", "r.json"}, {"--report", "r.json"}}),
            "--report r.json: the same file as --receipt; name another");
  EXPECT_EQ(Message({{"-m", "m.gguf"}}, {{"--receipt", "m.gguf"}}),
            "--receipt m.gguf: the same file as -m; name another");
}

TEST(DistinctPathsTest, OneFileHasManyNames) {
  const std::string here = std::filesystem::current_path().string();
  EXPECT_NE(Message({}, {{"-a", "r.json"}, {"-b", "./r.json"}}), "");
  EXPECT_NE(Message({}, {{"-a", "r.json"}, {"-b", here + "/r.json"}}), "");
  EXPECT_NE(Message({}, {{"-a", "none/../r.json"}, {"-b", "r.json"}}), "");
  const std::string folder = testing::TempDir() + "/distinct";
  std::filesystem::create_directories(folder + "/real");
  std::filesystem::create_directory_symlink("real", folder + "/link");
  EXPECT_NE(Message({}, {{"-a", folder + "/real/new"}, {"-b", folder + "/link/new"}}), "") << "not there yet";
  std::ofstream(folder + "/model") << "weights";
  std::filesystem::create_symlink("model", folder + "/alias");
  EXPECT_NE(Message({{"-m", folder + "/model"}}, {{"-b", folder + "/alias"}}), "");
}

}  // namespace
}  // namespace bitnet::xtask
