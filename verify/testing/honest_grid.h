// The grid of honest runs that the auditor must accept, every one.

#ifndef VERIFY_TESTING_HONEST_GRID_H_
#define VERIFY_TESTING_HONEST_GRID_H_

#include <string>
#include <vector>

#include "verify/testing/honest_receipt.h"

namespace bitnet::verify {

// Every combination of model, instruction set, prompt and output length, prefill chunk and sampler, and besides them
// runs that end early, reuse a KV cache, keep all logits, were repeated, or whose weights had to be repacked.
std::vector<HonestRun> HonestGrid();

// "2b4t avx2 prompt 33 generated 2 chunk 7 greedy".
std::string Describe(const HonestRun& run);

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_HONEST_GRID_H_
