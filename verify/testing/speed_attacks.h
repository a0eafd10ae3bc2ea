// Attacks on a comparison of speeds: six receipts a side, one side changed, or the folder of a baseline tampered with.

#ifndef VERIFY_TESTING_SPEED_ATTACKS_H_
#define VERIFY_TESTING_SPEED_ATTACKS_H_

#include <string>

#include "absl/status/statusor.h"
#include "verify/compare/comparison.h"
#include "verify/testing/attacks.h"

namespace bitnet::verify {

// Compares what the row describes. Both sides are honest runs of its base, the row's edits are made in every receipt of
// the current side. Its `with` lines:
//   one               the edits are made in one receipt only
//   baseline side     they are made on the baseline's side
//   runs N            so many receipts a side
//   same              the current side is the baseline itself
//   folder TAMPERING  the baseline is read from a folder (under `scratch`) of which a receipt was edited, was slowed or
//   is
//                     gone, or whose manifest is emptied, expired, old, of_tomorrow, of_another_machine,
//                     of_another_model, unsigned where a key is trusted, or signed_by_another
absl::StatusOr<ComparisonReport> CompareAttack(const AttackRow& row, const std::string& scratch);

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_SPEED_ATTACKS_H_
