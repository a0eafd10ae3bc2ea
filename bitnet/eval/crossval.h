// Comparing all values of two runs, or of a file and of this engine.

#ifndef BITNET_EVAL_CROSSVAL_H_
#define BITNET_EVAL_CROSSVAL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/arrays/array_set.h"
#include "bitnet/engine/session.h"
#include "bitnet/eval/record_comparison.h"

namespace bitnet {

// Every value of the reference, in the order in which a forward pass makes them (values of a layer that the engine does
// not know after those that it does).
using CrossvalReport = std::vector<RecordComparison>;

// InvalidArgument unless both have the same values with the same shapes and positions, all finite, and the same token
// ids where both say them.
absl::StatusOr<CrossvalReport> CompareSets(const ArraySet& reference, const ArraySet& candidate);

// Feeds `ids` to the session, which is at position 0, and compares every value of the reference with what the engine
// makes of it. InvalidArgument when the engine has no such value, its shape differs, the ids are not those that the
// reference says, or, where it says none, not as many as the positions up to its last; Cancelled; DataLoss as
// Session::Prefill.
absl::StatusOr<CrossvalReport> CompareWithEngine(const ArraySet& reference, Session& session,
                                                 std::span<const TokenId> ids, const std::atomic<bool>* cancelled);

// `ids`, continued up to the reference's last position with the token that its logits choose (highest, lowest id among
// equals). InvalidArgument when it has no logits of a position that this needs.
absl::StatusOr<std::vector<TokenId>> ContinueGreedily(std::vector<TokenId> ids, const ArraySet& reference);

// The first value that diverges, and its first row that does.
struct Divergence {
  size_t record = 0;
  size_t row = 0;
};
std::optional<Divergence> FirstDivergence(const CrossvalReport& report, const Tolerances& tolerances);

}  // namespace bitnet

#endif  // BITNET_EVAL_CROSSVAL_H_
