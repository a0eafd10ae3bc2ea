// Replay: a finished run computed again, all of its tokens at once.

#ifndef BITNET_ENGINE_REPLAY_H_
#define BITNET_ENGINE_REPLAY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/commitment/commitment_file.h"
#include "bitnet/engine/session.h"
#include "bitnet/sampling/sampler.h"

namespace bitnet {

struct ReplayRequest {
  std::vector<TokenId> prompt;  // >= 1
  std::vector<TokenId> output;  // >= 1, as generated
  SamplingParams sampling;
  bool ignore_eos = false;  // end-of-generation tokens were no candidates
  // Whether logits are screened as in a run. Its int8 head is then common to both: what a wrong one leaves out of the
  // run, it leaves out here. Otherwise every logit is computed from the head itself.
  bool screen = false;
  Digest session = {};  // that the run's leaves are bound to
  const std::atomic<bool>* cancelled = nullptr;
};

struct Replayed {
  Commitment commitment;  // of this replay; its passes are its own
  CommitmentRoots roots;
  // The first output token that the model's logits and the sampling do not choose.
  struct WrongChoice {
    size_t index = 0;  // in the output
    TokenId expected = 0;
    TokenId got = 0;
    bool operator==(const WrongChoice&) const = default;
  };
  std::optional<WrongChoice> wrong_choice;
  uint64_t ns = 0;
};

// Teacher-forced: feeds prompt and output (but its last token, which nobody fed) as one prompt to the session, which
// must be at position 0, and makes the commitment that the run must have made, whatever its instruction sets, threads
// and schedule (CA-1). InvalidArgument for ids out of range; ResourceExhausted when they do not fit.
absl::StatusOr<Replayed> Replay(Session& session, const ReplayRequest& request);

}  // namespace bitnet

#endif  // BITNET_ENGINE_REPLAY_H_
