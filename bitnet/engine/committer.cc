#include "bitnet/engine/committer.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/log/check.h"

namespace bitnet {
namespace {

KvRow RowOf(const F16* layer, int64_t position, const KvCache& cache, const ArchShape& shape) {
  const int64_t head_dim = static_cast<int64_t>(shape.head_dim);
  return {layer + position * head_dim, cache.capacity() * head_dim, static_cast<int64_t>(shape.kv_heads), head_dim};
}

std::span<const uint8_t> BytesOf(std::span<const float> values) {
  return {reinterpret_cast<const uint8_t*>(values.data()), values.size_bytes()};
}

// The largest of `count` values, in lanes that a compiler can keep in a vector.
float Largest(const float* values, size_t count) {
  constexpr size_t kLanes = 16;
  float lanes[kLanes];
  std::fill(std::begin(lanes), std::end(lanes), -std::numeric_limits<float>::infinity());
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      lanes[lane] = values[i + lane] > lanes[lane] ? values[i + lane] : lanes[lane];
    }
  }
  for (; i < count; ++i) lanes[0] = std::max(lanes[0], values[i]);
  return *std::max_element(std::begin(lanes), std::end(lanes));
}

}  // namespace

// Blocks that cannot change the answer are only looked at for their largest value, which costs less than reading
// the logits once.
TopTwo TopTwoOf(std::span<const float> logits) {
  constexpr size_t kBlock = 256;
  constexpr float kLowest = -std::numeric_limits<float>::infinity();
  TopTwo top{.argmax = 0, .top1 = kLowest, .top2 = kLowest};
  for (size_t begin = 0; begin < logits.size(); begin += kBlock) {
    const size_t count = std::min(kBlock, logits.size() - begin);
    if (!(Largest(logits.data() + begin, count) > top.top2)) continue;
    for (size_t i = begin; i < begin + count; ++i) {
      if (logits[i] > top.top1) {
        top = {static_cast<uint32_t>(i), logits[i], top.top1};
      } else if (logits[i] > top.top2) {
        top.top2 = logits[i];
      }
    }
  }
  return top;
}

Committer::Committer(const ArchShape& shape, const Digest& session, ThreadPool& pool, bool keep)
    : shape_(shape), pool_(pool), keep_(keep), hashes_(static_cast<size_t>(pool.size())) {
  commitment_.session = session;
  commitment_.layers = static_cast<uint32_t>(shape.layers);
}

void Committer::OnForward(const ForwardPass& pass) {
  Flush();
  HashRows(pass);
  Observe(pass);
}

void Committer::HashRows(const ForwardPass& pass) {
  const int64_t rows = static_cast<int64_t>(pass.ids.size());
  const int64_t layers = static_cast<int64_t>(shape_.layers);
  layer_digests_.resize(static_cast<size_t>(rows * layers));
  pending_.assign(static_cast<size_t>(rows), NumericsLeaf());
  // One item is a layer of a position; the hidden state counts as four, which it is in bytes.
  constexpr int64_t kHiddenItems = 4;
  const int64_t items = layers + kHiddenItems;
  pool_.Run([&](int worker) {
    Sha256& hash = hashes_[static_cast<size_t>(worker)];
    const auto [begin, end] = ThreadPool::Partition(rows * items, 1, worker, pool_.size());
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = i / items;
      const int64_t layer = i % items;
      const int64_t position = pass.first_position + row;
      if (layer < layers) {
        layer_digests_[static_cast<size_t>(row * layers + layer)] =
            LayerDigest(hash.Reset(), commitment_.session, static_cast<uint32_t>(position),
                        static_cast<uint32_t>(layer), RowOf(pass.cache.keys(layer), position, pass.cache, shape_),
                        RowOf(pass.cache.values(layer), position, pass.cache, shape_));
      } else if (layer == layers) {
        const std::span<const float> hidden =
            pass.hidden.subspan(static_cast<size_t>(row) * shape_.hidden, shape_.hidden);
        pending_[static_cast<size_t>(row)].hidden = hash.Reset().Update(BytesOf(hidden)).Finish();
      }
    }
  });
  for (int64_t row = 0; row < rows; ++row) {
    NumericsLeaf& leaf = pending_[static_cast<size_t>(row)];
    leaf.position = static_cast<uint32_t>(pass.first_position + row);
    leaf.token_in = static_cast<uint32_t>(pass.ids[static_cast<size_t>(row)]);
    leaf.layers_root =
        LayersRoot(hashes_.front(),
                   std::span(layer_digests_).subspan(static_cast<size_t>(row * layers), static_cast<size_t>(layers)));
  }
}

void Committer::Observe(const ForwardPass& pass) {
  if (observed_.size() == 0) origin_ns_ = pass.begin_ns;
  leaf_.kind = pass.kind;
  leaf_.first_position = static_cast<uint32_t>(pass.first_position);
  leaf_.rows = static_cast<uint32_t>(pass.ids.size());
  leaf_.logit_rows = static_cast<uint32_t>(pass.logit_rows);
  leaf_.begin_ns = pass.begin_ns - origin_ns_;
  leaf_.end_ns = pass.end_ns - origin_ns_;
  leaf_.calls.clear();
  for (int i = 0; i < kKernelCount; ++i) {
    const size_t kernel = static_cast<size_t>(i);
    const uint64_t calls = pass.recorder.record(static_cast<KernelId>(i)).work.calls;
    if (calls > calls_[kernel]) {
      leaf_.calls.push_back({static_cast<uint16_t>(i), static_cast<uint32_t>(calls - calls_[kernel])});
    }
    calls_[kernel] = calls;
  }
  EncodeLeaf(leaf_, leaf_bytes_);
  Sha256& hash = hashes_.front();
  observed_.Add(hash, MerkleLeaf(hash, leaf_bytes_));
  if (keep_) commitment_.observed.push_back(leaf_);
}

void Committer::OnChoice(int64_t position, const TopTwo& top, TokenId token_out) {
  CHECK(!pending_.empty());
  const int64_t row = position - static_cast<int64_t>(pending_.front().position);
  CHECK(row >= 0 && row < static_cast<int64_t>(pending_.size()));
  NumericsLeaf& leaf = pending_[static_cast<size_t>(row)];
  leaf.chosen = true;
  leaf.argmax = top.argmax;
  leaf.top1_bits = std::bit_cast<uint32_t>(top.top1);
  leaf.top2_bits = std::bit_cast<uint32_t>(top.top2);
  leaf.token_out = static_cast<uint32_t>(token_out);
}

void Committer::OnRejected(int64_t rows) {
  CHECK(rows >= 0 && rows < static_cast<int64_t>(pending_.size()));
  pending_.resize(pending_.size() - static_cast<size_t>(rows));
  layer_digests_.resize(pending_.size() * static_cast<size_t>(shape_.layers));
}

void Committer::Flush() {
  Sha256& hash = hashes_.front();
  for (const NumericsLeaf& leaf : pending_) numerics_.Add(hash, MerkleLeaf(hash, EncodeLeaf(leaf)));
  if (keep_) {
    commitment_.numerics.insert(commitment_.numerics.end(), pending_.begin(), pending_.end());
    commitment_.layer_digests.insert(commitment_.layer_digests.end(), layer_digests_.begin(), layer_digests_.end());
  }
  pending_.clear();
}

CommitmentRoots Committer::Close() {
  Flush();
  return {numerics_.size(), numerics_.Root(), observed_.size(), observed_.Root()};
}

}  // namespace bitnet
