#include "xtask/gen_model.h"

#include <atomic>
#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace bitnet::xtask {
namespace {

std::string TempPath(std::string_view name) { return std::string(testing::TempDir()) + "/" + std::string(name); }

TEST(GenModelTest, WritesTheFileAndSaysSo) {
  GenModelOptions options;
  options.preset = "nano";
  options.seed = 7;
  options.out = TempPath("model.gguf");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const absl::Status status = GenModel(options);
  const std::string out = testing::internal::GetCapturedStdout();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  const std::string size = std::to_string(std::filesystem::file_size(options.out));
  EXPECT_EQ(out.find(options.out + ": preset nano, seed 7, " + size + " bytes in "), 0u) << out;
}

TEST(GenModelTest, JsonIsOneLine) {
  GenModelOptions options;
  options.preset = "nano";
  options.out = TempPath("json.gguf");
  options.json = true;
  options.layer_gain = 0.12;
  testing::internal::CaptureStdout();
  const absl::Status status = GenModel(options);
  const std::string out = testing::internal::GetCapturedStdout();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(out.find("{\"bytes\":" + std::to_string(std::filesystem::file_size(options.out)) + ","), 0u) << out;
  EXPECT_NE(out.find("\"preset\":\"nano\""), std::string::npos) << out;
  EXPECT_NE(out.find("\"layer_gain\":0.12,"), std::string::npos) << out;
  EXPECT_EQ(out.find('\n'), out.size() - 1) << out;
}

TEST(GenModelTest, TheBarEndsAtAHundredPercentAndIsPlainWithoutColour) {
  GenModelOptions options;
  options.preset = "nano";
  options.out = TempPath("bar.gguf");
  options.quiet = true;
  options.progress = true;
  for (const bool color : {false, true}) {
    options.color = color;
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const absl::Status status = GenModel(options);
    const std::string bar = testing::internal::GetCapturedStderr();
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_NE(bar.find("100%"), std::string::npos) << bar;
    EXPECT_EQ(bar.find('\033') != std::string::npos, color) << bar;
    EXPECT_EQ(bar.back(), '\n');
  }
}

TEST(GenModelTest, InterruptLeavesNothing) {
  const std::string folder = TempPath("interrupted");
  std::filesystem::create_directory(folder);
  const std::atomic<bool> cancelled{true};
  GenModelOptions options;
  options.preset = "nano";
  options.out = folder + "/model.gguf";
  options.cancelled = &cancelled;
  EXPECT_EQ(GenModel(options).code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST(GenModelTest, BadOptionsAreNamed) {
  GenModelOptions options;
  EXPECT_EQ(GenModel(options).message(), "gen-model: no output path given; pass --out FILE");
  options.preset = "giant";
  EXPECT_EQ(GenModel(options).message(), "no preset \"giant\"; known presets: 2b-4t, mini, tiny, nano, tiny-llama");
}

}  // namespace
}  // namespace bitnet::xtask
