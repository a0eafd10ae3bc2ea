// A run of the cheating engine, from the model file to a receipt and its commitment, as `xtask infer` makes them.

#ifndef BITNET_ENGINE_CHEATING_CHEATING_ENGINE_H_
#define BITNET_ENGINE_CHEATING_CHEATING_ENGINE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/commitment/commitment_file.h"
#include "bitnet/engine/cheating/cheat.h"
#include "bitnet/receipt/receipt.pb.h"
#include "bitnet/sampling/sampler.h"
#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet::cheating {

struct CheatRequest {
  CheatPlan plan;
  std::string model_path;  // that the receipt names
  std::string run_path;    // whose weights run; "": the same
  std::vector<TokenId> prompt;
  int64_t tokens = 12;
  SamplingParams sampling;
  std::function<void()> after_hashing;  // called when the file named was hashed and before anything runs; may be empty
};

struct CheatedRun {
  receipt::Receipt receipt;  // says "real" whatever ran
  Commitment commitment;
};

// Errors are those of loading, sessions and forward passes.
absl::StatusOr<CheatedRun> RunCheating(const CheatRequest& request);

}  // namespace bitnet::cheating

#endif  // BITNET_ENGINE_CHEATING_CHEATING_ENGINE_H_
