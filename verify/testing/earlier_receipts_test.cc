// Receipts of the earlier project, which its own verifier accepted. Each must be refused, and by the rules that name
// what is wrong with it. The originals lie outside; copies of what matters in them are built here.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "verify/audit.h"
#include "verify/rule.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

struct EarlierReceipt {
  const char* file;  // in @shared_data//:receipts
  const char* text;  // the same faults, told shortly
  std::vector<const char*> refused_by;
};

const std::vector<EarlierReceipt>& EarlierReceipts() {
  static const auto* receipts = new std::vector<EarlierReceipt>{
      // One token at 0.0 tokens per second, used as a baseline.
      {"bitnet-rs-baseline-20251015-cpu.json",
       R"({"schema_version":"1.0.0","timestamp":"2025-10-15T19:41:18.920441642+00:00","compute_path":"real",
           "backend":"cpu","deterministic":true,"kernels":["embedding_lookup","i2s_gemv"],
           "environment":{"OS":"linux-x86_64"},"model":{"path":"ggml-model-i2_s.gguf"},
           "tokens_generated":1,"tokens_per_second":0.0,"tokens_requested":1})",
       {"L0-VACUOUS", "L0-REQUIRED", "L0-TIME", "L0-UNKNOWN"}},
      // A shape that is not the named model's, ids typed by hand, times that do not add up.
      {"bitnet-rs-cpu_positive.json",
       R"({"schema_version":"1.0.0","timestamp":"2025-01-22T14:32:15Z","compute_path":"real","backend":"cpu",
           "kernels":["i2s_qk256_dequant_cpu","softmax_temperature"],"deterministic":true,
           "environment":{"OS":"linux-x86_64"},
           "model_info":{"model_path":"microsoft-bitnet-b1.58-2B-4T-gguf/ggml-model-i2_s.gguf",
                         "quantization_type":"qk256","layers":24,"hidden_size":2048,"num_attention_heads":16,
                         "num_key_value_heads":16,"vocab_size":32000},
           "performance_baseline":{"tokens_generated":4,"total_time_ms":33487,"average_token_latency_ms":722}})",
       {"L0-KID-REG", "L0-REQUIRED", "L0-TIME", "L0-UNKNOWN"}},
      // "GPU" on device cpu, exactly 5 ms a token, parts longer than their total.
      {"bitnet-rs-inference_gpu.json",
       R"({"generated_text":"[64 tokens generated]","tokens_generated":64,"device":"cpu",
           "timing":{"decode_ms":320,"generation_ms":330,"total_ms":200},
           "performance":{"tokens_per_sec":200.0,"ms_per_token":5.0},"success":true,"error":null})",
       {"L0-SCHEMA", "L0-REQUIRED", "L0-UNKNOWN"}},
      // A parity report whose other side never ran: every figure is null.
      {"bitnet-rs-parity.json",
       R"({"timestamp":"2025-10-19T00:01:23.236974472Z","environment":{"os":"linux","cpu_features":["sse2"]},
           "parity":{"cpp_available":false,"cosine_similarity":null,"exact_match_rate":null,"status":"rust_only"}})",
       {"L0-SCHEMA", "L0-REQUIRED", "L0-TYPE", "L0-UNKNOWN"}},
  };
  return *receipts;
}

void ExpectRefused(const EarlierReceipt& receipt, std::string_view text) {
  for (const Level level : {Level::kL0, Level::kL1}) {
    Policy policy;
    policy.min_level = level;
    const AuditReport report = AuditReceiptText(text, policy, TestNow());
    EXPECT_EQ(VerdictName(report.verdict), "REJECT") << receipt.file;
    for (const char* id : receipt.refused_by) {
      const auto check = std::ranges::find(report.checks, id, [](const CheckReport& c) { return c.rule->id; });
      ASSERT_NE(check, report.checks.end()) << id;
      EXPECT_EQ(CheckStatusName(check->result.status), "FAIL")
          << receipt.file << ", " << id << ": " << check->result.reason;
    }
  }
}

TEST(EarlierReceiptsTest, TheirFaultsAreNamed) {
  for (const EarlierReceipt& receipt : EarlierReceipts()) ExpectRefused(receipt, receipt.text);
}

TEST(EarlierReceiptsTest, OriginalsAreRefused) {
  for (const EarlierReceipt& receipt : EarlierReceipts()) {
    const std::filesystem::path path = std::filesystem::path("external/shared_data/receipts") / receipt.file;
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not beside this checkout";
    std::ifstream file(path, std::ios::binary);
    ExpectRefused(receipt, std::string(std::istreambuf_iterator<char>(file), {}));
  }
}

}  // namespace
}  // namespace bitnet::verify
