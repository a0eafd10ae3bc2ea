#include "bitnet/base/merkle.h"

#include <algorithm>

namespace bitnet {
namespace {

constexpr uint8_t kLeafPrefix[] = {0};
constexpr uint8_t kNodePrefix[] = {1};

Digest Node(const Digest& left, const Digest& right) {
  return Sha256().Update(kNodePrefix).Update(left).Update(right).Finish();
}

}  // namespace

Digest MerkleLeaf(std::span<const uint8_t> bytes) { return Sha256().Update(kLeafPrefix).Update(bytes).Finish(); }

void MerkleTree::Add(const Digest& leaf) {
  Digest peak = leaf;
  for (uint64_t bits = size_; bits & 1; bits >>= 1) {
    peak = Node(peaks_.back(), peak);
    peaks_.pop_back();
  }
  peaks_.push_back(peak);
  ++size_;
}

Digest MerkleTree::Root() const {
  if (peaks_.empty()) return Sha256Of("");
  Digest root = peaks_.back();
  for (size_t i = peaks_.size() - 1; i-- > 0;) root = Node(peaks_[i], root);
  return root;
}

Digest MerkleRootByName(std::vector<NamedDigest> leaves) {
  std::sort(leaves.begin(), leaves.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  MerkleTree tree;
  for (const NamedDigest& leaf : leaves) tree.Add(MerkleLeaf(leaf.digest));
  return tree.Root();
}

}  // namespace bitnet
