#include "xtask/random_prompt.h"

#include "bitnet/base/philox.h"

namespace bitnet::xtask {

std::vector<TokenId> RandomPrompt(const Tokenizer& tokenizer, int64_t size, uint64_t seed) {
  std::vector<TokenId> ids;
  if (tokenizer.add_bos() && tokenizer.bos()) ids.push_back(*tokenizer.bos());
  for (uint64_t i = 0; static_cast<int64_t>(ids.size()) < size; ++i) {
    const uint64_t id = (uint64_t{PhiloxAt(seed, 0, i)[0]} * static_cast<uint64_t>(tokenizer.vocab_size())) >> 32;
    if (!tokenizer.IsEndOfGeneration(static_cast<TokenId>(id))) ids.push_back(static_cast<TokenId>(id));
  }
  ids.resize(static_cast<size_t>(size));
  return ids;
}

}  // namespace bitnet::xtask
