// What lies below the roots of an honest receipt's trace, and what an auditor would be given beside such a receipt.

#ifndef VERIFY_TESTING_HONEST_COMMITMENT_H_
#define VERIFY_TESTING_HONEST_COMMITMENT_H_

#include <cstdint>
#include <vector>

#include "bitnet/commitment/commitment_file.h"
#include "bitnet/receipt/receipt.pb.h"
#include "verify/artifacts.h"
#include "verify/testing/honest_receipt.h"

namespace bitnet::verify {

// Tokens of a run, the same on every call.
std::vector<uint32_t> HonestPromptIds(const HonestRun& run);
std::vector<uint32_t> HonestOutputIds(const HonestRun& run);
// As a receipt has it: SHA-256 of little-endian 32-bit ids.
std::string IdsDigestOf(const std::vector<uint32_t>& ids);

// `receipt` is that of `run`, complete but for its trace. Digests of layers and hidden states are made up; ids, passes,
// calls and times are those of the receipt.
Commitment HonestCommitment(const HonestRun& run, const receipt::Receipt& receipt);

// The model file that `receipt` names, and two recomputations that agree with it.
Artifacts HonestArtifacts(const receipt::Receipt& receipt);

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_HONEST_COMMITMENT_H_
