// The part of the auditor that runs the engine: digests of a model file, and runs computed again.

#ifndef VERIFY_REPLAY_MODEL_UNDER_AUDIT_H_
#define VERIFY_REPLAY_MODEL_UNDER_AUDIT_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/commitment/commitment_file.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/receipt/receipt.pb.h"
#include "verify/artifacts.h"
#include "verify/independent/audit.h"

namespace bitnet::verify {

// A model file, loaded. Not thread-safe.
class ModelUnderAudit {
 public:
  // `threads` 0: one per core that this process may use.
  static absl::StatusOr<std::unique_ptr<ModelUnderAudit>> Open(const std::string& path, int threads);

  // Hashes the whole file; once, later calls have it.
  const ModelArtifact& Digests();

  // Computes the run of `receipt` again, whose tokens are in `commitment`, with the instruction set named `isa`, or
  // "other": the best that this machine has besides the one that the receipt says it used. InvalidArgument when the
  // receipt does not say what a replay needs, or an instruction set that is not here is asked for.
  absl::StatusOr<ReplayArtifact> Replay(const receipt::Receipt& receipt, const Commitment& commitment,
                                        const std::string& isa, const std::atomic<bool>* cancelled = nullptr);

  // The same by verify/independent, with ternary products of the engine's kernels, each tested. Of all choices, or of
  // `sampled_choices`. Errors of IndependentAudit and of the session.
  absl::StatusOr<independent::IndependentReport> RecomputeIndependently(const receipt::Receipt& receipt,
                                                                        const Commitment& commitment,
                                                                        const std::string& isa,
                                                                        std::optional<uint64_t> sampled_choices);

 private:
  explicit ModelUnderAudit(int threads) : pool_(threads) {}

  ThreadPool pool_;
  std::unique_ptr<const LoadedModel> model_;
  std::unique_ptr<ModelArtifact> digests_;
};

// "scalar", "avx2", ..: what "other" means for a receipt that used `claimed` on a machine that has `detected`: the set
// that shares the fewest kernels with it, of equals the latest. The same one again only when there is no other.
Isa OtherIsa(std::string_view claimed, IsaSet detected);

// Whether a replay with the instruction set `used`, for which `asked` was asked ("avx2", "other"), computes logits as a
// run does that says it used `claimed`: screened. Who asks for the run's own kernels asks for its own way to the
// logits. "other" asks for what shares least with the run, whole rows: also where there is no other set.
bool ReplayScreens(std::string_view asked, std::string_view used, std::string_view claimed);

}  // namespace bitnet::verify

#endif  // VERIFY_REPLAY_MODEL_UNDER_AUDIT_H_
