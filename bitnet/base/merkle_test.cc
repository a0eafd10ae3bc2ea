#include "bitnet/base/merkle.h"

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "gtest/gtest.h"

namespace bitnet {
namespace {

// RFC 6962, section 2.1, word for word: MTH(D[n]) by recursion.
Digest Recursive(std::span<const std::vector<uint8_t>> data) {
  if (data.empty()) return Sha256Of("");
  if (data.size() == 1) {
    std::vector<uint8_t> bytes = {0x00};
    bytes.insert(bytes.end(), data[0].begin(), data[0].end());
    return Sha256Of(bytes);
  }
  size_t k = 1;
  while (k * 2 < data.size()) k *= 2;
  const Digest left = Recursive(data.first(k)), right = Recursive(data.subspan(k));
  std::vector<uint8_t> bytes = {0x01};
  bytes.insert(bytes.end(), left.begin(), left.end());
  bytes.insert(bytes.end(), right.begin(), right.end());
  return Sha256Of(bytes);
}

TEST(MerkleTest, EmptyTree) {
  EXPECT_EQ(ToHex(MerkleTree().Root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(MerkleTest, EqualsTheDefinition) {
  std::vector<std::vector<uint8_t>> data;
  MerkleTree tree;
  std::set<Digest> roots;
  for (size_t n = 0; n <= 70; ++n) {
    EXPECT_EQ(tree.size(), n);
    EXPECT_EQ(tree.Root(), Recursive(data)) << n << " leaves";
    EXPECT_EQ(tree.Root(), tree.Root()) << "asking must not change the tree";
    roots.insert(tree.Root());
    data.push_back(std::vector<uint8_t>(n % 5, static_cast<uint8_t>(n)));
    tree.Add(MerkleLeaf(data.back()));
  }
  EXPECT_EQ(roots.size(), 71u);
}

TEST(MerkleTest, LeavesAndNodesAreKeptApart) {
  const std::vector<uint8_t> a = {'a'}, b = {'b'};
  MerkleTree two;
  two.Add(MerkleLeaf(a));
  two.Add(MerkleLeaf(b));
  // A leaf whose bytes are the two child hashes is not the node over them.
  std::vector<uint8_t> children;
  for (const Digest& child : {MerkleLeaf(a), MerkleLeaf(b)})
    children.insert(children.end(), child.begin(), child.end());
  EXPECT_NE(MerkleLeaf(children), two.Root());
}

}  // namespace
}  // namespace bitnet
