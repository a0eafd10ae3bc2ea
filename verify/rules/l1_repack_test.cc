#include <string>

#include "bitnet/tensor/ternary_formats.h"
#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L1RepackTest, EveryFormatTellsItsOwnRepack) {
  for (const TernaryFormat& format : kTernaryFormats) {
    HonestRun run;
    run.quantization_type = format.name;
    Receipt receipt = HonestReceipt(run);
    const CheckResult result = RunCheck(CheckRepack, receipt);
    EXPECT_EQ(result.status, CheckStatus::kPass) << format.name << ": " << result.reason;
    // I2_S of 64-groups is not what kernels read.
    EXPECT_EQ(receipt.evidence().repacks_size(), format.name == "i2_s" ? 1 : 2) << format.name;
    receipt.mutable_evidence()->mutable_repacks(0)->set_name("other_to_i2s");
    EXPECT_EQ(RunCheck(CheckRepack, receipt).status, CheckStatus::kFail) << format.name;
  }
}

TEST(L1RepackTest, AllOfThemAndToTheByte) {
  HonestRun run;
  run.quantization_type = "tq2_0";
  Receipt receipt = HonestReceipt(run);
  auto& repack = *receipt.mutable_evidence()->mutable_repacks(0);
  EXPECT_EQ(repack.tensors(), 210u);
  EXPECT_EQ(repack.bytes(), 521'011'200u);
  repack.set_tensors(211);
  EXPECT_EQ(RunCheck(CheckRepack, receipt).reason, "/evidence/repacks/0/tensors is 211; expected 210, 7 a layer");
  repack.set_tensors(210);
  repack.set_ns(receipt.evidence().timing().load_ns() + 1);
  EXPECT_EQ(RunCheck(CheckRepack, receipt).status, CheckStatus::kFail);
}

// Rows of q and k of a Llama-like model: after the format's repack, or alone.
TEST(L1RepackTest, RowsOfInterleavedRope) {
  HonestRun run = {.arch = kLlamaShape, .arch_name = "llama", .model_path = "l.gguf"};
  Receipt receipt = HonestReceipt(run);
  ASSERT_EQ(receipt.evidence().repacks_size(), 2);
  EXPECT_EQ(receipt.evidence().repacks(0).name(), "rope_rows_to_half_split");
  EXPECT_EQ(receipt.evidence().repacks(0).tensors(), 4u);
  EXPECT_EQ(receipt.evidence().repacks(0).bytes(), 2u * 512 * (3 + 1) * 256 / 4);
  EXPECT_EQ(RunCheck(CheckRepack, receipt).status, CheckStatus::kPass);
  receipt.mutable_evidence()->mutable_repacks(0)->set_tensors(3);
  EXPECT_EQ(RunCheck(CheckRepack, receipt).reason, "/evidence/repacks/0/tensors is 3; expected 4, 2 a layer");
  receipt.mutable_evidence()->clear_repacks();
  EXPECT_NE(RunCheck(CheckRepack, receipt).status, CheckStatus::kPass);
  run.quantization_type = "tq1_0";
  receipt = HonestReceipt(run);
  ASSERT_EQ(receipt.evidence().repacks_size(), 3);
  EXPECT_EQ(receipt.evidence().repacks(0).name(), "tq1_0_to_i2s");
  EXPECT_EQ(RunCheck(CheckRepack, receipt).status, CheckStatus::kPass);
}

TEST(L1RepackTest, TheWholeHead) {
  Receipt receipt = HonestReceipt({});
  ASSERT_EQ(receipt.evidence().repacks_size(), 1);
  auto& repack = *receipt.mutable_evidence()->mutable_repacks(0);
  EXPECT_EQ(repack.name(), "head_to_i8_panels");
  EXPECT_EQ(repack.bytes(), 128256u * 2560);
  repack.set_bytes(128255u * 2560);
  EXPECT_EQ(RunCheck(CheckRepack, receipt).reason,
            "/evidence/repacks/0/bytes is 328332800; expected 328335360, a quarter byte a ternary weight, one a weight "
            "of the head");
  receipt.mutable_evidence()->clear_repacks();
  EXPECT_EQ(RunCheck(CheckRepack, receipt).status, CheckStatus::kFail);
}

// A receipt must not choose dimensions whose product wraps round to what it claims.
TEST(L1RepackTest, DimensionsOf2To32DoNotWrapRound) {
  for (const char* type : {"i2_s", "tq1_0"}) {
    const HonestRun run = {
        .arch = kLlamaShape, .arch_name = "llama", .model_path = "l.gguf", .quantization_type = type};
    Receipt receipt = HonestReceipt(run);
    auto& arch = *receipt.mutable_evidence()->mutable_model()->mutable_arch();
    arch.set_hidden_size(uint64_t{1} << 32);
    arch.set_head_dim(uint64_t{1} << 32);
    arch.set_ffn_size(uint64_t{1} << 32);
    for (auto& repack : *receipt.mutable_evidence()->mutable_repacks()) repack.set_bytes(0);
    const CheckResult result = RunCheck(CheckRepack, receipt);
    EXPECT_EQ(result.status, CheckStatus::kFail) << type;
    EXPECT_NE(result.reason.find("imply more work than the 2^53-1"), std::string::npos) << result.reason;
  }
}

}  // namespace
}  // namespace bitnet::verify
