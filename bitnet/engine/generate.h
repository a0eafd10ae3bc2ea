// Generate: a prompt in, a completion out.

#ifndef BITNET_ENGINE_GENERATE_H_
#define BITNET_ENGINE_GENERATE_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "bitnet/engine/session.h"
#include "bitnet/sampling/sampler.h"
#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet {

struct GenerateRequest {
  std::vector<TokenId> prompt;                   // >= 1 token
  int64_t max_tokens = 128;                      // >= 1
  SamplingParams sampling;                       // greedy by default
  std::vector<std::string> stop;                 // strings that end the text; not shown
  bool ignore_eos = false;                       // never choose an end-of-generation token (benchmarks)
  const std::atomic<bool>* cancelled = nullptr;  // looked at between forward passes
  std::optional<LogitsSink> logits;              // every row: prompt, then generated
  Committer* committer = nullptr;                // commits to every pass and choice; fresh, and closed afterwards
  // Tokens to draft at once by prompt lookup, verified by the model in one pass: below kMaxDecodeRows, 0 drafts none.
  // Changes no token, no text and no leaf of a commitment, only the passes that they come from.
  int64_t max_draft = 0;
  // Drafting ends when the recorded schedule could outgrow this many entries: a receipt has no room for more. 0: never.
  size_t max_schedule = 0;
};

enum class FinishReason { kLength, kEos, kStop, kInterrupted };
// "length", "eos", "stop", "interrupted".
std::string_view FinishReasonName(FinishReason reason);

// What a receipt says of a trace commitment.
struct CommittedRun {
  Digest session;
  CommitmentRoots roots;
};

struct Completion {
  std::vector<TokenId> prompt;
  std::vector<TokenId> output;  // includes the end-of-generation token when there is one
  FinishReason finish = FinishReason::kLength;
  // Wall times. Prefill ends when the first token is chosen; decode covers the forward passes and choices after it.
  uint64_t prefill_ns = 0;
  uint64_t decode_ns = 0;
  uint64_t drafted = 0;                    // tokens that were drafted and fed
  uint64_t accepted = 0;                   // of them, those that the model chose as well
  Recorder recorded;                       // what ran up to the last choice
  Recorder recorded_prefill;               // of it, what ran up to the first
  std::optional<CommittedRun> commitment;  // by the request's committer
};

// Feeds the prompt at the session's position and generates. `on_text` gets whole UTF-8 characters as they become
// certain. The last token chosen is never fed back; a logits sink makes one more forward pass, after `recorded` was
// taken, so that there is a row for it too. ResourceExhausted when prompt and max_tokens cannot fit the context, before
// anything runs.
absl::StatusOr<Completion> Generate(Session& session, const GenerateRequest& request,
                                    absl::FunctionRef<void(std::string_view)> on_text);

}  // namespace bitnet

#endif  // BITNET_ENGINE_GENERATE_H_
