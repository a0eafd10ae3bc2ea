// Merkle tree hash of RFC 6962, section 2.1: leaf = SHA256(0x00 || x), node = SHA256(0x01 || left || right),
// split at the largest power of two below the size; the empty tree hashes to SHA256("").

#ifndef BITNET_BASE_MERKLE_H_
#define BITNET_BASE_MERKLE_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "bitnet/base/sha256.h"

namespace bitnet {

Digest MerkleLeaf(std::span<const uint8_t> bytes);
// The same in a context of the caller's, fresh or finished, which is left finished: allocates nothing.
Digest MerkleLeaf(Sha256& hash, std::span<const uint8_t> bytes);

// Adds leaves one by one in O(log n) memory, all of it inside. With a context of the caller's, as above, nothing is
// allocated. Not thread-safe.
class MerkleTree {
 public:
  void Add(const Digest& leaf);
  void Add(Sha256& hash, const Digest& leaf);
  uint64_t size() const { return size_; }
  Digest Root() const;
  Digest Root(Sha256& hash) const;

 private:
  std::array<Digest, 64> peaks_ = {};  // roots of the perfect subtrees, largest first; one per set bit of size_
  uint64_t size_ = 0;
};

struct NamedDigest {
  std::string_view name;  // unique
  Digest digest;
};

// The root over MerkleLeaf(digest) in order of names, whatever order they come in.
Digest MerkleRootByName(std::vector<NamedDigest> leaves);

}  // namespace bitnet

#endif  // BITNET_BASE_MERKLE_H_
