// The independent path shares no code with the engine: of bitnet/ it stands on base, the format of commitments and
// receipts. bitnet/commitment reads the list of kernels, which is data; this package does not.

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace bitnet::verify::independent {
namespace {

const std::vector<std::string_view> kDirect = {"//bitnet/base:", "//bitnet/commitment:", "//bitnet/receipt:"};
const std::vector<std::string_view> kBelow = {
    "//bitnet/base:", "//bitnet/commitment:", "//bitnet/receipt:", "//bitnet/kernels/catalog:"};

bool IsAllowed(std::string_view label, const std::vector<std::string_view>& allowed) {
  if (!absl::StartsWith(label, "//bitnet") && !absl::StartsWith(label, "//xtask") &&
      !absl::StartsWith(label, "//verify")) {
    return true;
  }
  if (absl::StartsWith(label, "//verify/independent:")) return true;
  for (const std::string_view prefix : allowed) {
    if (absl::StartsWith(label, prefix)) return true;
  }
  return false;
}

// How many labels of bitnet/ there were.
int ExpectAllowed(const std::string& list, const std::vector<std::string_view>& allowed) {
  std::ifstream file("verify/independent/" + list);
  int own = 0;
  for (std::string label; std::getline(file, label);) {
    EXPECT_TRUE(IsAllowed(label, allowed)) << list << " has " << label;
    own += absl::StartsWith(label, "//bitnet/");
  }
  return own;
}

TEST(IndependentFloorsTest, NoCodeOfTheEngine) {
  EXPECT_GT(ExpectAllowed("audit_deps", kBelow), 20) << "the list of dependencies is empty or of something else";
}

TEST(IndependentFloorsTest, NamesBaseCommitmentAndReceiptOnly) {
  EXPECT_GT(ExpectAllowed("direct_deps", kDirect), 10) << "the list of dependencies is empty or of something else";
}

TEST(IndependentFloorsTest, TheEngineIsNotAllowed) {
  for (const char* label :
       {"//bitnet/gguf:gguf_file", "//bitnet/quant:i2s", "//bitnet/model:weights", "//bitnet/kernels:context",
        "//bitnet/kernels/ternary_matmul:reference", "//bitnet/engine:engine", "//bitnet/tensor:ternary_view",
        "//verify/rules:rules", "//xtask:xtask"}) {
    EXPECT_FALSE(IsAllowed(label, kBelow)) << label;
  }
  EXPECT_FALSE(IsAllowed("//bitnet/kernels/catalog:catalog", kDirect));
}

}  // namespace
}  // namespace bitnet::verify::independent
