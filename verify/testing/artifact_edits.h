// What an auditor is given beside a receipt, changed as an attacker would: digests and recomputations by JSON members,
// a commitment by words.

#ifndef VERIFY_TESTING_ARTIFACT_EDITS_H_
#define VERIFY_TESTING_ARTIFACT_EDITS_H_

#include <string_view>

#include "absl/status/status.h"
#include "verify/artifacts.h"

namespace bitnet::verify {

// Sets members of the model, replay or independent artifact (`which`), which must be there, to those of a JSON object.
absl::Status SetArtifactMembers(std::string_view which, std::string_view json, Artifacts& artifacts);

// In place:
//   leaf I MEMBER VALUE   of the I-th position: token_in, token_out, argmax, top1_bits, top2_bits, chosen; hidden (any
//                         value) flips a bit of that digest
//   layer I L             flips a bit of the digest of layer L, and makes the root over the layers right again
//   swap I J              exchanges what two positions computed
//   drop I                takes a position out; those after it move up
//   cut N                 takes the last N positions away
//   pass I MEMBER VALUE   of the I-th pass: rows, logit_rows, begin_ns, end_ns
//   calls I K DELTA       adds to the calls of the K-th kernel of the I-th pass
//   passes N              takes the last N passes away
//   session               flips a bit of the session
//   layers N              says another number of layers
absl::Status EditCommitment(std::string_view words, Commitment& commitment);

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_ARTIFACT_EDITS_H_
