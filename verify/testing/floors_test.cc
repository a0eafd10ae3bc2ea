// The auditor does not link what it audits: of bitnet/ it may depend on base, tensor, the kernel catalog, receipt,
// attest and commitment, which are data. verify/replay, which runs the engine, is the exception, and nothing but main.cc
// uses it.

#include <fstream>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace bitnet::verify {
namespace {

constexpr std::string_view kAllowed[] = {
    "//bitnet/attest:",          "//bitnet/base:",    "//bitnet/commitment:", "//bitnet/tensor:",
    "//bitnet/kernels/catalog:", "//bitnet/receipt:"};

bool IsAllowed(std::string_view label) {
  if (!absl::StartsWith(label, "//bitnet")) return true;
  for (const std::string_view prefix : kAllowed) {
    if (absl::StartsWith(label, prefix)) return true;
  }
  return false;
}

TEST(FloorsTest, TheAuditorDoesNotLinkTheEngine) {
  std::ifstream file("verify/testing/verify_deps");
  int own = 0;
  for (std::string label; std::getline(file, label);) {
    EXPECT_TRUE(IsAllowed(label)) << "the auditor without verify/replay depends on " << label;
    own += absl::StartsWith(label, "//bitnet/");
  }
  EXPECT_GT(own, 4) << "the list of dependencies is empty or of something else";
}

TEST(FloorsTest, TheEngineIsNotAllowed) {
  for (const char* label : {"//bitnet/engine:engine", "//bitnet/model:model", "//bitnet/gguf:gguf_file",
                            "//bitnet/kernels:context", "//bitnet/kernels/rope:rope", "//bitnet/quant:i2s"}) {
    EXPECT_FALSE(IsAllowed(label)) << label;
  }
}

}  // namespace
}  // namespace bitnet::verify
