// Deletion monotonicity: whoever leaves something out of a receipt, or of the envelope around one, gains nothing by it.
//
// A case is a text of the attack corpus or an honest one, and a subtree of it that is deleted: of the receipt, of the
// envelope, of the signed statement, or of the receipt inside, with a signature that is made anew by the trusted key.
// What is accepted after a deletion must be an honest receipt, less only what a receipt may lack (lists that are empty,
// items of `crit`, the trace, repetitions): then the deletion removed what the attacker had added, or a claim.

#ifndef VERIFY_TESTING_DELETIONS_H_
#define VERIFY_TESTING_DELETIONS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace bitnet::verify {

struct DeletionTally {
  uint64_t cases = 0;     // texts with something deleted that were audited
  uint64_t receipts = 0;  // texts that they are of
  uint64_t known = 0;     // cases that there are
  uint64_t accepted = 0;  // after the deletion
  uint64_t malformed = 0, rejected = 0, unverifiable = 0;
  std::vector<std::string> violations;  // "fail_L1-TPS_inflated without /evidence/perf"; at most 20
};

// `cases` of the known ones, evenly over all texts and subtrees; all of them when there are not so many.
DeletionTally TryDeletions(uint64_t cases);

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_DELETIONS_H_
