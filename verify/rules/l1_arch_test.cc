#include <string>
#include <utility>

#include "bitnet/kernels/catalog/architecture.h"
#include "gtest/gtest.h"
#include "verify/rules/rules.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

using receipt::Receipt;

TEST(L1ArchTest, TheNameOf2B4TInAnySpelling) {
  for (const char* path :
       {"bitnet-b1.58-2B-4T.gguf", "models/BitNet_2b_4t-i2_s.gguf", "2B4T", "a/bitnet 2B 4T.gguf", "2B\u20114T.gguf",
        "a-2b.4t_b", "microsoft-bitnet-b1.58-2B-4T-gguf/ggml-model-i2_s.gguf", "x/bitnet-b1.58-2B-4T-gguf/a.gguf",
        "BitNet-b1.58-2B-4T//a.gguf", "C:\\bitnet-b1.58-2B-4T-gguf\\a.gguf"}) {
    HonestRun run;
    run.model_path = path;
    EXPECT_EQ(RunCheck(CheckArch, HonestReceipt(run)).status, CheckStatus::kPass) << path;
    run.arch = kTinyShape;
    EXPECT_EQ(RunCheck(CheckArch, HonestReceipt(run)).status, CheckStatus::kFail) << path;
  }
}

TEST(L1ArchTest, OtherNamesMeanNoCertainNumbers) {
  for (const char* path : {"model.gguf", "rv-2b-4t/tiny.gguf", "12B-4T.gguf", "2b-4tiny.gguf", "2b-x-4t.gguf",
                           "bitnet-b1.58-2B-4T-gguf/small/tiny.gguf", "my-bitnet-b1.58-2B-4T-gguf/tiny.gguf"}) {
    HonestRun run;
    run.model_path = path;
    run.arch = kTinyShape;
    run.context_length = 17;
    EXPECT_EQ(RunCheck(CheckArch, HonestReceipt(run)).status, CheckStatus::kPass) << path;
  }
}

TEST(L1ArchTest, EveryNumberOf2B4TIsHeldTo) {
  const std::pair<const char*, uint64_t> kMembers[] = {
      {"layers", 24},  {"hidden_size", 2048}, {"ffn_size", 5632},    {"heads", 32},
      {"kv_heads", 4}, {"head_dim", 64},      {"vocab_size", 32000}, {"context_length", 2048}};
  for (const auto& [member, value] : kMembers) {
    Receipt receipt = HonestReceipt(HonestRun{});
    auto& arch = *receipt.mutable_evidence()->mutable_model()->mutable_arch();
    arch.GetReflection()->SetUInt64(&arch, arch.GetDescriptor()->FindFieldByName(member), value);
    EXPECT_EQ(RunCheck(CheckArch, receipt).status, CheckStatus::kFail) << member;
  }
}

// What every architecture's name means, and nothing else, is believed of it.
TEST(L1ArchTest, TheNameDecidesTheGraph) {
  for (const Architecture& architecture : Architectures()) {
    HonestRun run = {.arch = kTinyShape, .arch_name = std::string(architecture.name), .model_path = "model.gguf"};
    run.arch.activation = architecture.activation;
    run.arch.sub_norms = architecture.sub_norms;
    for (const bool untied : {false, true}) {
      run.arch.untied_head = untied;
      EXPECT_EQ(RunCheck(CheckArch, HonestReceipt(run)).status,
                untied && !architecture.may_untie_head ? CheckStatus::kFail : CheckStatus::kPass)
          << architecture.name;
    }
    run.arch.untied_head = false;
    run.arch.sub_norms = !architecture.sub_norms;
    EXPECT_EQ(RunCheck(CheckArch, HonestReceipt(run)).status, CheckStatus::kFail) << architecture.name;
    run.arch.sub_norms = architecture.sub_norms;
    run.arch.activation = architecture.activation == Activation::kSilu ? Activation::kRelu2 : Activation::kSilu;
    EXPECT_EQ(RunCheck(CheckArch, HonestReceipt(run)).status, CheckStatus::kFail) << architecture.name;
  }
}

TEST(L1ArchTest, OnlySomeHaveHeadsOfTheirOwnSize) {
  HonestRun run = {.arch = kLlamaShape, .arch_name = "llama", .model_path = "model.gguf"};
  EXPECT_EQ(RunCheck(CheckArch, HonestReceipt(run)).status, CheckStatus::kPass) << "3 heads of 256 for a width of 512";
  run.arch.head_dim = 96;  // 288 rows are no whole blocks
  EXPECT_EQ(RunCheck(CheckArch, HonestReceipt(run)).reason,
            "/evidence/model/arch has 3 heads of 96; expected a multiple of 128 of them together");
  run = {.arch = kTinyShape, .model_path = "model.gguf"};
  run.arch.head_dim = 256;
  EXPECT_EQ(RunCheck(CheckArch, HonestReceipt(run)).reason,
            "/evidence/model/arch has 4 heads of 256; expected hidden_size 512 of them together");
}

TEST(L1ArchTest, SaysBothPlaces) {
  Receipt receipt = HonestReceipt(HonestRun{});
  receipt.mutable_model_info()->set_layers(24);
  EXPECT_EQ(RunCheck(CheckArch, receipt).reason,
            "/model_info/layers is 24; expected 30, as /evidence/model/arch/layers");
}

}  // namespace
}  // namespace bitnet::verify
