// Committer: makes the trace commitment of one sequence while it runs. docs/commitment.md.

#ifndef BITNET_ENGINE_COMMITTER_H_
#define BITNET_ENGINE_COMMITTER_H_

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "bitnet/base/merkle.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/commitment/commitment_file.h"
#include "bitnet/commitment/leaf.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/recorder.h"
#include "bitnet/model/kv_cache.h"
#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet {

// A forward pass that has ended, and what it left behind. Valid during the call.
struct ForwardPass {
  StepKind kind;
  std::span<const TokenId> ids;  // [rows] that were fed
  int64_t first_position;
  int64_t logit_rows;
  std::span<const float> hidden;  // [rows][hidden] residual stream after the last layer
  const KvCache& cache;
  const Recorder& recorder;
  uint64_t begin_ns;  // NowNs
  uint64_t end_ns;
};

// The largest logit, the lowest id of equals, and the largest of the others.
struct TopTwo {
  uint32_t argmax = 0;
  float top1 = 0;
  float top2 = 0;
};
TopTwo TopTwoOf(std::span<const float> logits);  // [vocab], at least two, none NaN

// Hashes inputs of attention and the last hidden state of every position into two RFC 6962 trees, in memory of
// O(log positions), or with everything below the roots when it is to be kept. Changes nothing that it looks at. After
// the first decoded token it allocates nothing, unless everything is kept.
class Committer {
 public:
  // `session` is SessionDigest of what the receipt will say. Looks at `pool` for workers; it must outlive this.
  Committer(const ArchShape& shape, const Digest& session, ThreadPool& pool, bool keep = false);

  void OnForward(const ForwardPass& pass);
  // The token chosen at a position of the last pass. `top` is of its logits as computed, before anything was masked.
  void OnChoice(int64_t position, const TopTwo& top, TokenId token_out);
  // The last `rows` rows of the last pass were drafts that are not kept: their positions are no leaves. What the pass
  // was stays observed.
  void OnRejected(int64_t rows);
  // Every position that was fed is in. Nothing may follow.
  CommitmentRoots Close();

  // After Close: everything below the roots, when it was kept.
  const Commitment& commitment() const { return commitment_; }
  const Digest& session() const { return commitment_.session; }

 private:
  void HashRows(const ForwardPass& pass);
  void Observe(const ForwardPass& pass);
  // Adds the leaves of the last pass to the tree: choices may come until the next.
  void Flush();

  const ArchShape shape_;
  ThreadPool& pool_;
  const bool keep_;
  Commitment commitment_;
  std::vector<Sha256> hashes_;                     // one a worker
  std::vector<Digest> layer_digests_;              // [row][layer] of the last pass
  std::vector<NumericsLeaf> pending_;              // [row] of the last pass
  std::array<uint64_t, kKernelCount> calls_ = {};  // of each kernel so far
  uint64_t origin_ns_ = 0;
  ObservedLeaf leaf_;                // of the last pass
  std::vector<uint8_t> leaf_bytes_;  // the same, encoded
  MerkleTree numerics_;
  MerkleTree observed_;
};

}  // namespace bitnet

#endif  // BITNET_ENGINE_COMMITTER_H_
