// KvCache: keys and values of one sequence, binary16, all layers.

#ifndef BITNET_MODEL_KV_CACHE_H_
#define BITNET_MODEL_KV_CACHE_H_

#include <cstdint>
#include <cstring>

#include "absl/log/check.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/f16.h"
#include "bitnet/kernels/catalog/work.h"

namespace bitnet {

// Layout [layer][kv_head][capacity][head_dim], keys and values apart: one head's keys lie one after the other, as
// attention reads them. Pages are touched only as positions are filled. Not thread-safe.
class KvCache {
 public:
  KvCache(const ArchShape& shape, int64_t capacity)
      : capacity_(capacity),
        head_dim_(static_cast<int64_t>(shape.head_dim)),
        layer_size_(static_cast<int64_t>(shape.kv_heads * shape.head_dim) * capacity),
        keys_(static_cast<size_t>(static_cast<int64_t>(shape.layers) * layer_size_)),
        values_(keys_.size()) {}

  int64_t capacity() const { return capacity_; }
  int64_t length() const { return length_; }  // positions filled
  uint64_t bytes() const { return 2 * keys_.size() * sizeof(F16); }
  // Of a cache with `capacity` positions, before it is made.
  static uint64_t BytesNeeded(const ArchShape& shape, int64_t capacity) {
    return 2 * sizeof(F16) * shape.layers * shape.kv_heads * shape.head_dim * static_cast<uint64_t>(capacity);
  }

  F16* keys(int64_t layer) { return keys_.data() + layer * layer_size_; }      // [kv_head][capacity][head_dim]
  F16* values(int64_t layer) { return values_.data() + layer * layer_size_; }  // [kv_head][capacity][head_dim]
  const F16* keys(int64_t layer) const { return keys_.data() + layer * layer_size_; }
  const F16* values(int64_t layer) const { return values_.data() + layer * layer_size_; }

  void Advance(int64_t positions) { length_ += positions; }
  // Forgets everything and takes the first `positions` positions of another cache of the same shape and capacity.
  void CopyPrefix(const KvCache& other, int64_t positions) {
    CHECK(positions >= 0 && positions <= other.length_);
    CHECK(capacity_ == other.capacity_ && head_dim_ == other.head_dim_ && keys_.size() == other.keys_.size());
    const size_t bytes = static_cast<size_t>(positions * head_dim_) * sizeof(F16);
    for (size_t head = 0; head < keys_.size(); head += static_cast<size_t>(capacity_ * head_dim_)) {
      std::memcpy(keys_.data() + head, other.keys_.data() + head, bytes);
      std::memcpy(values_.data() + head, other.values_.data() + head, bytes);
    }
    length_ = positions;
  }
  // Forgets positions from `length` on.
  void Truncate(int64_t length) {
    CHECK(length >= 0 && length <= length_);
    length_ = length;
  }

 private:
  int64_t capacity_;
  int64_t head_dim_;
  int64_t layer_size_;  // values per layer
  int64_t length_ = 0;
  AlignedBuffer<F16> keys_;
  AlignedBuffer<F16> values_;
};

}  // namespace bitnet

#endif  // BITNET_MODEL_KV_CACHE_H_
