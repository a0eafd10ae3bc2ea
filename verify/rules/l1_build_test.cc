#include <string>

#include "bitnet/base/sha256.h"
#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L1BuildTest, TheRegistryIsTheAuditorsOwn) {
  Receipt receipt = HonestReceipt(HonestRun{});
  EXPECT_EQ(RunCheck(CheckBuild, receipt).status, CheckStatus::kPass);
  std::string digest = receipt.evidence().build().registry_digest();
  digest[0] = digest[0] == '0' ? '1' : '0';
  receipt.mutable_evidence()->mutable_build()->set_registry_digest(digest);
  EXPECT_EQ(RunCheck(CheckBuild, receipt).status, CheckStatus::kFail);
}

TEST(L1BuildTest, OnlyStrictAsksForACleanCommit) {
  Policy strict;
  strict.strict = true;
  Receipt receipt = HonestReceipt(HonestRun{});
  EXPECT_EQ(RunCheck(CheckBuild, receipt, strict).status, CheckStatus::kPass);
  receipt.mutable_evidence()->mutable_build()->set_dirty(true);
  EXPECT_EQ(RunCheck(CheckBuild, receipt).status, CheckStatus::kPass);
  EXPECT_EQ(RunCheck(CheckBuild, receipt, strict).status, CheckStatus::kFail);
  receipt.mutable_evidence()->mutable_build()->set_dirty(false);
  receipt.mutable_evidence()->mutable_build()->set_git_commit("unknown");
  EXPECT_EQ(RunCheck(CheckBuild, receipt).status, CheckStatus::kPass);
  EXPECT_EQ(RunCheck(CheckBuild, receipt, strict).status, CheckStatus::kFail);
}

TEST(L1BuildTest, FlagsAreWhatTheirDigestSaysAndKeepTheArithmetic) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt::Evidence::Build& build = *receipt.mutable_evidence()->mutable_build();
  const std::string honest = build.flags();
  for (const char* flags : {"fast_math=0 contract=off", "contract=off optimize=0 fast_math=0"}) {
    build.set_flags(flags);
    build.set_flags_digest(ToHex(Sha256Of(flags)));
    EXPECT_EQ(RunCheck(CheckBuild, receipt).status, CheckStatus::kPass) << flags;
  }
  for (const char* flags : {"fast_math=1 contract=off", "fast_math=0 contract=on", "fast_math=0 contract=off fast_math=1",
                            "fast_math=01 contract=off", "fast_math=0", "contract=off", "x"}) {
    build.set_flags(flags);
    build.set_flags_digest(ToHex(Sha256Of(flags)));
    EXPECT_EQ(RunCheck(CheckBuild, receipt).status, CheckStatus::kFail) << flags;
  }
  build.set_flags(honest);
  EXPECT_EQ(RunCheck(CheckBuild, receipt).status, CheckStatus::kFail) << "the digest of other flags";
  build.clear_flags();
  EXPECT_NE(RunCheck(CheckBuild, receipt).status, CheckStatus::kPass);
}

TEST(L1BuildTest, FormsOfABuildId) {
  for (const size_t digits : {16, 32, 40, 64}) {
    Receipt receipt = HonestReceipt(HonestRun{});
    receipt.mutable_evidence()->mutable_build()->set_build_id(std::string(digits, 'c'));
    EXPECT_EQ(RunCheck(CheckBuild, receipt).status, CheckStatus::kPass) << digits;
  }
  for (const size_t digits : {0, 14, 17, 66}) {
    Receipt receipt = HonestReceipt(HonestRun{});
    receipt.mutable_evidence()->mutable_build()->set_build_id(std::string(digits, 'c'));
    EXPECT_EQ(RunCheck(CheckBuild, receipt).status, CheckStatus::kFail) << digits;
  }
}

}  // namespace
}  // namespace bitnet::verify
