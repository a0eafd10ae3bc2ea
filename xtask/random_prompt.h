// Seeded prompts of a benchmark.

#ifndef XTASK_RANDOM_PROMPT_H_
#define XTASK_RANDOM_PROMPT_H_

#include <cstdint>
#include <vector>

#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet::xtask {

// `size` seeded ids over the whole vocabulary, after the begin token if the model wants one, none of which ends a
// generation: a prompt that no cache can know and every engine can be given.
std::vector<TokenId> RandomPrompt(const Tokenizer& tokenizer, int64_t size, uint64_t seed);

}  // namespace bitnet::xtask

#endif  // XTASK_RANDOM_PROMPT_H_
