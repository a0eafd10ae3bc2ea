// ScreenedHead: an int8 copy of a head with proven bounds of what it lacks, made when a model is loaded.
//
// Reading it costs half of reading the head, and it says for nearly every row that its logit cannot be among the
// largest. What is left is computed from the head itself, so the logits that matter are those of the exact head.

#ifndef BITNET_KERNELS_HEAD_SCREENED_HEAD_H_
#define BITNET_KERNELS_HEAD_SCREENED_HEAD_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/catalog/model_limits.h"
#include "bitnet/kernels/head/screen_args.h"

namespace bitnet {

// Up to this dim no kernel's 32-bit sums can overflow.
inline constexpr int64_t kMaxScreenDim = model_limits::kMaxScreenedHidden;

// Immutable after Build; empty when default-constructed.
class ScreenedHead {
 public:
  ScreenedHead() = default;

  // Of a finite table [vocab][dim]; dim is a multiple of 32, at most kMaxScreenDim. Uses all of `pool`; `isa` is what
  // the CPU has. The result does not depend on either.
  static ScreenedHead Build(const F16* table, int64_t vocab, int64_t dim, IsaSet isa, ThreadPool& pool);

  // The same. `done` is told of each part of the table that has been read, once, by any of the workers.
  static ScreenedHead Build(const F16* table, int64_t vocab, int64_t dim, IsaSet isa, ThreadPool& pool,
                            absl::FunctionRef<void(std::span<const F16> part)> done);

  bool empty() const { return vocab_ == 0; }
  ScreenTable table() const {
    return {codes_.data(), scale_.data(), rest_.data(), norm_.data(), code_sum_.data(), vocab_, dim_};
  }
  // At least the Euclidean norm of every row of the head.
  double largest_norm() const { return largest_norm_; }
  // All memory held.
  std::vector<std::span<const uint8_t>> memory() const;
  // Of memory held.
  uint64_t bytes() const { return codes_.size() + 16 * scale_.size(); }

 private:
  int64_t vocab_ = 0;
  int64_t dim_ = 0;
  double largest_norm_ = 0;
  AlignedBuffer<int8_t> codes_;
  AlignedBuffer<float> scale_, rest_, norm_;
  AlignedBuffer<int32_t> code_sum_;
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_HEAD_SCREENED_HEAD_H_
