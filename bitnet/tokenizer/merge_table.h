// MergeTable: (left token, right token) -> (rank, merged token), a flat open-addressing hash table.

#ifndef BITNET_TOKENIZER_MERGE_TABLE_H_
#define BITNET_TOKENIZER_MERGE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bitnet {

// Immutable once filled; then safe to share between threads. 16 bytes a slot, at most two thirds of the slots taken:
// the 280 147 merges of Llama 3 lie in 8 MiB and a look-up touches one or two cache lines.
class MergeTable {
 public:
  struct Merge {
    uint32_t left = kEmpty;
    uint32_t right = kEmpty;
    uint32_t rank = 0;    // lower is merged first
    uint32_t merged = 0;  // token id
  };

  explicit MergeTable(size_t merges);

  // Keeps the merge that is there already (the better rank). At most as many calls as the constructor was told.
  void Insert(const Merge& merge);

  // nullptr when the pair does not merge.
  const Merge* Find(uint32_t left, uint32_t right) const {
    for (size_t slot = Home(left, right);; slot = (slot + 1) & mask_) {
      const Merge& merge = slots_[slot];
      if (merge.left == left && merge.right == right) return &merge;
      if (merge.left == kEmpty) return nullptr;
    }
  }

 private:
  static constexpr uint32_t kEmpty = UINT32_MAX;  // never a token id: ids are below 2^31

  size_t Home(uint32_t left, uint32_t right) const {
    // Fibonacci hashing of the pair; the top bits of the product are the well-mixed ones.
    const uint64_t pair = static_cast<uint64_t>(left) << 32 | right;
    return static_cast<size_t>(((pair ^ pair >> 29) * 0x9E3779B97F4A7C15) >> shift_);
  }

  int shift_;    // 64 - log2(slots)
  size_t mask_;  // slots - 1
  std::vector<Merge> slots_;
};

}  // namespace bitnet

#endif  // BITNET_TOKENIZER_MERGE_TABLE_H_
