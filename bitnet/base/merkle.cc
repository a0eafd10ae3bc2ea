#include "bitnet/base/merkle.h"

#include <algorithm>
#include <bit>

namespace bitnet {
namespace {

constexpr uint8_t kLeafPrefix[] = {0};
constexpr uint8_t kNodePrefix[] = {1};

Digest Node(Sha256& hash, const Digest& left, const Digest& right) {
  return hash.Reset().Update(kNodePrefix).Update(left).Update(right).Finish();
}

}  // namespace

Digest MerkleLeaf(std::span<const uint8_t> bytes) {
  Sha256 hash;
  return MerkleLeaf(hash, bytes);
}

Digest MerkleLeaf(Sha256& hash, std::span<const uint8_t> bytes) {
  return hash.Reset().Update(kLeafPrefix).Update(bytes).Finish();
}

void MerkleTree::Add(const Digest& leaf) {
  Sha256 hash;
  Add(hash, leaf);
}

void MerkleTree::Add(Sha256& hash, const Digest& leaf) {
  Digest peak = leaf;
  size_t count = static_cast<size_t>(std::popcount(size_));
  for (uint64_t bits = size_; bits & 1; bits >>= 1) peak = Node(hash, peaks_[--count], peak);
  peaks_[count] = peak;
  ++size_;
}

Digest MerkleTree::Root() const {
  Sha256 hash;
  return Root(hash);
}

Digest MerkleTree::Root(Sha256& hash) const {
  if (size_ == 0) return hash.Reset().Finish();
  size_t count = static_cast<size_t>(std::popcount(size_)) - 1;
  Digest root = peaks_[count];
  while (count > 0) root = Node(hash, peaks_[--count], root);
  return root;
}

Digest MerkleRootByName(std::vector<NamedDigest> leaves) {
  std::sort(leaves.begin(), leaves.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  MerkleTree tree;
  for (const NamedDigest& leaf : leaves) tree.Add(MerkleLeaf(leaf.digest));
  return tree.Root();
}

}  // namespace bitnet
