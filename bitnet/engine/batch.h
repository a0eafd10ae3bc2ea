// GenerateBatch: several prompts in, a completion of each out, decoded together.

#ifndef BITNET_ENGINE_BATCH_H_
#define BITNET_ENGINE_BATCH_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/engine/session.h"
#include "bitnet/kernels/recorder.h"
#include "bitnet/sampling/sampler.h"
#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet {

struct BatchRequest {
  std::vector<std::vector<TokenId>> prompts;     // 1 to session.sequences(), each >= 1 token
  int64_t max_tokens = 128;                      // of each, >= 1
  SamplingParams sampling;                       // of all; greedy by default
  bool ignore_eos = false;                       // never choose an end-of-generation token (benchmarks)
  const std::atomic<bool>* cancelled = nullptr;  // looked at between forward passes
};

struct BatchCompletion {
  std::vector<std::vector<TokenId>> outputs;  // in the order of the prompts, with the end-of-generation token if any
  bool interrupted = false;
  // Wall times: of all prompts and first choices, one prompt after the other; of all passes after them.
  uint64_t prefill_ns = 0;
  uint64_t decode_ns = 0;
  uint64_t decode_passes = 0;
  Recorder recorded_prefill;  // what ran up to the last of the first choices
  Recorder recorded;          // what ran in all
};

// Feeds the prompts to sequences 0, 1, ... of a session whose sequences are empty, and generates. A pass feeds one
// token to each sequence that has not ended, so that weights cross the memory bus once for all of them. Every sequence
// gets the tokens that Generate gives it alone (CA-1). No receipt describes such a run. InvalidArgument for no or too
// many prompts; FailedPrecondition when a sequence is not empty; ResourceExhausted when a prompt and its tokens do not
// fit the context: all before anything runs. An id outside the vocabulary, or arithmetic that overflows, ends all of
// them.
absl::StatusOr<BatchCompletion> GenerateBatch(Session& session, const BatchRequest& request);

}  // namespace bitnet

#endif  // BITNET_ENGINE_BATCH_H_
