// BPE merging: the tokens of one word.
//
// Definition: start with one token per byte; while any two neighbours merge, replace the pair of lowest rank, the
// leftmost one of equals, by its merged token.
//
// The tokens form a doubly linked list and the pairs that merge lie in a heap ordered by (rank, position). A merge
// changes at most two pairs, which are pushed anew; entries that no longer describe the list are recognised by their
// rank when they come up and dropped. O(n log n) for n bytes.

#ifndef BITNET_TOKENIZER_BPE_H_
#define BITNET_TOKENIZER_BPE_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "bitnet/tokenizer/merge_table.h"

namespace bitnet {

// Holds scratch memory that is reused from word to word. Not thread-safe.
class BpeMerger {
 public:
  // Both outlive this. `byte_tokens` are the ids of the 256 single bytes.
  BpeMerger(const MergeTable& merges, const std::array<int32_t, 256>& byte_tokens)
      : merges_(merges), byte_tokens_(byte_tokens) {}

  // Appends the tokens of `word`, which is shorter than 2^32 - 1 bytes.
  void Append(std::string_view word, std::vector<int32_t>* out);

 private:
  struct Node {
    uint32_t previous, next;  // kEnd: none
    uint32_t token;
    uint32_t rank;    // of the pair (this, next); kNoMerge: none, or this node is gone
    uint32_t merged;  // token of that pair
  };

  // Looks up the pair that starts at `node`; true when it merges.
  bool Rate(uint32_t node);
  void MergeAt(uint32_t node);

  const MergeTable& merges_;
  const std::array<int32_t, 256>& byte_tokens_;
  std::vector<Node> nodes_;      // [bytes of the word]; node i starts at byte i
  std::vector<uint64_t> queue_;  // min-heap of rank << 32 | node
};

}  // namespace bitnet

#endif  // BITNET_TOKENIZER_BPE_H_
