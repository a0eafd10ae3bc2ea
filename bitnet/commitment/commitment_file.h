// A commitment with everything below its roots, as a file: what a replay is compared with, and where it is looked up
// at which position and layer it first differs. About 1 KB a position for 30 layers. docs/commitment.md has the layout.

#ifndef BITNET_COMMITMENT_COMMITMENT_FILE_H_
#define BITNET_COMMITMENT_COMMITMENT_FILE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/commitment/leaf.h"

namespace bitnet {

struct CommitmentRoots {
  uint64_t size = 0;  // positions
  Digest numerics_root = {};
  uint64_t observed_size = 0;  // forward passes
  Digest observed_root = {};
  friend bool operator==(const CommitmentRoots&, const CommitmentRoots&) = default;
};

struct Commitment {
  Digest session = {};
  uint32_t layers = 0;
  std::vector<NumericsLeaf> numerics;
  std::vector<Digest> layer_digests;  // [position][layer]
  std::vector<ObservedLeaf> observed;

  friend bool operator==(const Commitment&, const Commitment&) = default;
};

// The root over one position's layers.
Digest LayersRoot(std::span<const Digest> layer_digests);
Digest LayersRoot(Sha256& hash, std::span<const Digest> layer_digests);  // `hash` as in MerkleLeaf

// Recomputed from the leaves.
CommitmentRoots RootsOf(const Commitment& commitment);

std::vector<uint8_t> EncodeCommitment(const Commitment& commitment);

// InvalidArgument or OutOfRange, with where, when the bytes are not exactly one commitment in its one form: positions
// ascend from the first by one, every layers root is that of its layers, passes cover the positions in order and end
// with the last (a decode pass may have rows beyond where the next begins, which were not kept), and the digest at the
// end is that of what comes before. Allocates in proportion to `bytes`.
absl::StatusOr<Commitment> ParseCommitment(std::span<const uint8_t> bytes);

}  // namespace bitnet

#endif  // BITNET_COMMITMENT_COMMITMENT_FILE_H_
