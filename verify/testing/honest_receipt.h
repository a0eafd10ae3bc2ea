// Receipts as an honest engine would write them, for tests: every count from ExpectedWork, times that a machine could
// have taken, and every relation that the L1 rules check.

#ifndef VERIFY_TESTING_HONEST_RECEIPT_H_
#define VERIFY_TESTING_HONEST_RECEIPT_H_

#include <cstdint>
#include <string>

#include "bitnet/base/cpu_features.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/receipt/receipt.pb.h"

namespace bitnet::verify {

// The shape of BitNet b1.58 2B-4T.
inline constexpr ArchShape k2B4TShape = {30, 2560, 6912, 20, 5, 128, 128256};
// Two layers, as small as a model with grouped queries gets.
inline constexpr ArchShape kTinyShape = {2, 512, 1024, 4, 1, 128, 2048};
// Llama-like, with heads of their own size and an untied head.
inline constexpr ArchShape kLlamaShape = {2, 512, 1024, 3, 1, 256, 2048, Activation::kSilu, false, true};

// One run. The defaults are `xtask infer` on 2B-4T with 512 tokens in and 128 out.
struct HonestRun {
  ArchShape arch = k2B4TShape;
  std::string arch_name = "bitnet-b1.58";
  std::string model_path = "models/bitnet-b1.58-2B-4T/ggml-model-i2_s.gguf";
  std::string quantization_type = "i2_s";
  uint64_t context_length = 4096;

  uint64_t prompt = 512;
  uint64_t kv_reused = 0;
  uint64_t generated = 128;
  uint64_t requested = 128;  // more than `generated` only when the run ended by eos or stop
  uint64_t chunk = 512;      // prefill rows per forward pass
  std::string finish_reason = "length";
  bool all_prefill_logits = false;  // --dump-logits: every prefill row gets logits

  bool screened = false;    // every row of logits that chooses looks at some rows of the head only
  uint64_t head_rows = 11;  // so many

  // Tokens drafted at once, at most; see HonestDecode.
  uint64_t draft = 0;

  bool greedy = true;
  uint64_t seed = 42;

  Isa isa = Isa::kAvx512Vnni;       // --isa
  Isa detected = Isa::kAvx512Vnni;  // what the CPU has
  bool isa_requested = false;       // whether --isa was given
  uint64_t cores = 8;
  uint64_t threads = 8;

  uint64_t samples = 0;    // repetitions of a benchmark; 0 for a single run
  bool trace = false;      // whether the run commits to a trace
  uint64_t time_seed = 1;  // varies the times, nothing else
  double speed = 1;        // of the machine, as a multiple of what it usually does
};

receipt::Receipt HonestReceipt(const HonestRun& run);

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_HONEST_RECEIPT_H_
