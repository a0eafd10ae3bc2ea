#include <string>

#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

CheckStatus StatusOf(const char* compute_path) {
  receipt::Receipt receipt;
  receipt.set_compute_path(compute_path);
  return RunCheck(CheckPath, receipt).status;
}

TEST(L0PathTest, OnlyTheExactWordPasses) {
  EXPECT_EQ(StatusOf("real"), CheckStatus::kPass);
  for (const char* other : {"", "Real", "REAL", " real", "real ", "real\n", "re\xd0\xb0l",
                            "re\xe2\x80\x8b"
                            "al",
                            "mock", "unreal", "real,mock"}) {
    EXPECT_EQ(StatusOf(other), CheckStatus::kFail) << other;
  }
}

TEST(L0PathTest, AbsenceIsNotReality) {
  EXPECT_EQ(RunCheck(CheckPath, receipt::Receipt()).status, CheckStatus::kMissing);
}

}  // namespace
}  // namespace bitnet::verify
