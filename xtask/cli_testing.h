// What the tests of the command line share: the program, a folder of their own, small models.

#ifndef XTASK_CLI_TESTING_H_
#define XTASK_CLI_TESTING_H_

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "bitnet/engine/testing_model.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/testing_process.h"

namespace bitnet::xtask {

class CliTest : public testing::Test {
 protected:
  CliTest()
      : folder_(testing::TempDir() + "/" + testing::UnitTest::GetInstance()->current_test_info()->name()),
        nano_("nano", 1) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    options_.environment = {{"XDG_CACHE_HOME", folder_ + "/cache"}, {"TERM", "xterm"}};
  }
  ~CliTest() override { std::filesystem::remove_all(folder_); }

  static std::string Program() { return std::filesystem::absolute("xtask/xtask").string(); }
  static std::string Verify() { return std::filesystem::absolute("verify/verify").string(); }

  ProcessResult Run(std::vector<std::string> args) {
    args.insert(args.begin(), Program());
    return RunProgram(args);
  }
  ProcessResult RunProgram(const std::vector<std::string>& args) { return Process(args, options_).Wait(); }

  std::string Path(std::string_view name) const { return folder_ + "/" + std::string(name); }
  const std::string& nano() const { return nano_.path(); }

  std::string Read(std::string_view name) const {
    std::ifstream file(Path(name), std::ios::binary);
    CHECK(file) << "no file " << Path(name);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  void Write(std::string_view name, std::string_view bytes) const {
    std::ofstream(Path(name), std::ios::binary) << bytes;
  }
  // Names of everything in the test's folder but the cache.
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().filename() != "cache") names.push_back(entry.path().filename().string());
    }
    return names;
  }

  static JsonValue Json(const std::string& text) {
    auto parsed = ParseJsonText(text);
    CHECK(parsed.ok()) << parsed.status() << "\n" << text;
    return *std::move(parsed);
  }

  // A line of an auditor's report: the status of a rule and a part of its reason. In these regular expressions a dot is
  // also the end of a line.
  static auto Says(const std::string& status, const std::string& rule, const std::string& reason = "") {
    return testing::ContainsRegex(status + " [^\n]*" + rule + " [^\n]*" + reason);
  }

  const std::string folder_;
  TestingModel nano_;
  ProcessOptions options_;
};

}  // namespace bitnet::xtask

#endif  // XTASK_CLI_TESTING_H_
