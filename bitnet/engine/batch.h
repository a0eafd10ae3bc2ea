// GenerateBatch: prompts in, a completion of each out, decoded together.

#ifndef BITNET_ENGINE_BATCH_H_
#define BITNET_ENGINE_BATCH_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/session.h"
#include "bitnet/kernels/recorder.h"
#include "bitnet/sampling/sampler.h"
#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet {

struct BatchOutput {
  std::vector<TokenId> tokens;  // with the end-of-generation token if there is one
  FinishReason finish = FinishReason::kInterrupted;
  int64_t reused = 0;  // tokens of the prompt whose keys and values were there already

  bool operator==(const BatchOutput&) const = default;
};

// Called when the output of `prompt` is complete. An error ends the batch and is what it answers.
using BatchSink = absl::FunctionRef<absl::Status(size_t prompt, const BatchOutput& output)>;

struct BatchRequest {
  std::vector<std::vector<TokenId>> prompts;     // >= 1, each >= 1 token
  int64_t max_tokens = 128;                      // of each, >= 1
  SamplingParams sampling;                       // of all; greedy by default
  bool ignore_eos = false;                       // never choose an end-of-generation token (benchmarks)
  bool reuse_prefixes = true;                    // take a beginning that some KV cache holds from there
  const std::atomic<bool>* cancelled = nullptr;  // looked at between forward passes
  std::optional<BatchSink> on_output;
};

struct BatchCompletion {
  std::vector<BatchOutput> outputs;  // in the order of the prompts
  bool interrupted = false;
  // Wall times: of prompts and first choices; of passes over all sequences and the choices after them. The sink's
  // time is in them.
  uint64_t prefill_ns = 0;
  uint64_t decode_ns = 0;
  uint64_t decode_passes = 0;
  Recorder recorded_prefill;  // what ran before the first pass over all sequences
  Recorder recorded;          // what ran in all
};

// Whether a prompt can run in a batch: InvalidArgument for no token or an id outside the vocabulary, ResourceExhausted
// when it does not fit the context with the tokens to generate.
absl::Status CheckBatchPrompt(const Session& session, std::span<const TokenId> prompt, int64_t max_tokens);

// Feeds prompts to the sequences of a session, all of which are empty, and generates. A pass feeds one token to each
// sequence that has not ended, so that weights cross the memory bus once for all of them; the place of one that has
// ended goes to the next prompt. A prompt that begins like what some sequence holds takes the keys and values of that
// beginning from there. Every prompt gets the tokens that Generate gives it alone (CA-1). No receipt describes such a
// run. InvalidArgument for no prompt, FailedPrecondition when a sequence is not empty, and what CheckBatchPrompt says
// of a prompt, with its number: all before anything runs. DataLoss, with the numbers of the prompts that ran, when
// arithmetic overflows: it ends all of them.
absl::StatusOr<BatchCompletion> GenerateBatch(Session& session, const BatchRequest& request);

}  // namespace bitnet

#endif  // BITNET_ENGINE_BATCH_H_
