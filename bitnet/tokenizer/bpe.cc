#include "bitnet/tokenizer/bpe.h"

#include <algorithm>
#include <cstddef>
#include <functional>

namespace bitnet {
namespace {

constexpr uint32_t kEnd = UINT32_MAX;
constexpr uint32_t kNoMerge = UINT32_MAX;  // ranks are below 2^31

}  // namespace

bool BpeMerger::Rate(uint32_t index) {
  Node& node = nodes_[index];
  node.rank = kNoMerge;
  if (node.next == kEnd) return false;
  const MergeTable::Merge* const merge = merges_.Find(node.token, nodes_[node.next].token);
  if (merge == nullptr) return false;
  node.rank = merge->rank;
  node.merged = merge->merged;
  return true;
}

void BpeMerger::MergeAt(uint32_t index) {
  Node& left = nodes_[index];
  Node& right = nodes_[left.next];
  left.token = left.merged;
  left.next = right.next;
  right.rank = kNoMerge;
  if (left.next != kEnd) nodes_[left.next].previous = index;
}

void BpeMerger::Append(std::string_view word, std::vector<int32_t>* out) {
  const uint32_t size = static_cast<uint32_t>(word.size());
  nodes_.resize(size);
  queue_.clear();
  for (uint32_t i = 0; i < size; ++i) {
    const int32_t token = byte_tokens_[static_cast<uint8_t>(word[i])];
    nodes_[i] = {i == 0 ? kEnd : i - 1, i + 1 == size ? kEnd : i + 1, static_cast<uint32_t>(token), kNoMerge, 0};
  }
  const auto entry = [this](uint32_t node) { return static_cast<uint64_t>(nodes_[node].rank) << 32 | node; };
  const auto push = [&](uint32_t node) {
    queue_.push_back(entry(node));
    std::push_heap(queue_.begin(), queue_.end(), std::greater<>());
  };
  for (uint32_t i = 0; i < size; ++i) {
    if (Rate(i)) queue_.push_back(entry(i));
  }
  std::make_heap(queue_.begin(), queue_.end(), std::greater<>());

  while (!queue_.empty()) {
    const uint64_t best = queue_.front();
    std::pop_heap(queue_.begin(), queue_.end(), std::greater<>());
    queue_.pop_back();
    const uint32_t index = static_cast<uint32_t>(best);
    if (nodes_[index].rank != static_cast<uint32_t>(best >> 32)) continue;  // outdated
    MergeAt(index);
    if (Rate(index)) push(index);
    const uint32_t previous = nodes_[index].previous;
    if (previous != kEnd && Rate(previous)) push(previous);
  }
  for (uint32_t i = 0; i < size; i = nodes_[i].next) out->push_back(static_cast<int32_t>(nodes_[i].token));
}

}  // namespace bitnet
