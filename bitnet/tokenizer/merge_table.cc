#include "bitnet/tokenizer/merge_table.h"

#include <algorithm>
#include <bit>

namespace bitnet {

MergeTable::MergeTable(size_t merges) {
  const size_t slots = std::bit_ceil(std::max<size_t>(16, merges + merges / 2));
  shift_ = 64 - std::countr_zero(slots);
  mask_ = slots - 1;
  slots_.resize(slots);
}

void MergeTable::Insert(const Merge& merge) {
  size_t slot = Home(merge.left, merge.right);
  for (; slots_[slot].left != kEmpty; slot = (slot + 1) & mask_) {
    if (slots_[slot].left == merge.left && slots_[slot].right == merge.right) return;
  }
  slots_[slot] = merge;
}

}  // namespace bitnet
