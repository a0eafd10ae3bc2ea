// The forward pass of a ternary transformer. Which steps it has, the shape says (ArchShape).

#ifndef BITNET_MODEL_TRANSFORMER_H_
#define BITNET_MODEL_TRANSFORMER_H_

#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/head/head_args.h"
#include "bitnet/kernels/head/screen.h"
#include "bitnet/kernels/rope/rope.h"
#include "bitnet/model/activation_tap.h"
#include "bitnet/model/config.h"
#include "bitnet/model/kv_cache.h"
#include "bitnet/model/weights.h"

namespace bitnet {

// Scratch for forward passes of up to `max_rows` tokens, made once so that a token costs no allocation.
struct Activations {
  Activations(const ModelConfig& config, int64_t max_rows, int64_t kv_capacity, int threads);

  int64_t max_rows;
  AlignedBuffer<float> x;       // [rows][hidden] residual stream
  AlignedBuffer<float> h;       // [rows][max(hidden, q_dim, ffn)] normalised
  AlignedBuffer<float> q;       // [rows][q_dim]
  AlignedBuffer<float> k;       // [rows][kv_dim]
  AlignedBuffer<float> v;       // [rows][kv_dim]
  AlignedBuffer<float> attn;    // [rows][q_dim]
  AlignedBuffer<float> gate;    // [rows][ffn]
  AlignedBuffer<float> up;      // [rows][ffn]
  AlignedBuffer<float> proj;    // [rows][hidden] output of a projection back into the residual stream
  AlignedBuffer<int8_t> q8;     // [rows][max(hidden, q_dim, ffn)] quantized activations
  AlignedBuffer<float> scale;   // [rows]
  AlignedBuffer<int32_t> sum;   // [rows]
  AlignedBuffer<float> scores;  // attention scratch
  ScreenScratch screen;
};

// Rows of a forward pass that belong to one sequence, and its cache.
struct SequenceRows {
  KvCache* cache;
  int64_t rows;
};

// What a forward pass works with besides its tokens. Owns nothing.
struct Transformer {
  const ModelConfig& config;
  const Weights& weights;
  const RopeTable& rope;
  ActivationTap* tap = nullptr;  // shown every value of tap_points.def; null costs a comparison per value
  // Which logits matter in each row of them. The others may be -infinity then, see ScreenedLogitsProjection. Who counts
  // work by ScreensLogits keeps all logits where it says that nothing is screened.
  LogitsKept kept = {};

  // Feeds `ids` (1..max_rows token ids inside the vocabulary) at positions cache.length() .. and advances the cache;
  // the caller has checked that they fit. Writes logits of the last `logit_rows` tokens to `logits`
  // [logit_rows][vocab]. Bit-identical however a prompt is cut into calls (CA-1). Recorded as one step of `kind`.
  // DataLoss when activations or logits are not finite: the pass is not recorded and the cache not advanced.
  [[nodiscard]] absl::Status Forward(KernelContext& context, StepKind kind, std::span<const int32_t> ids,
                                     int64_t logit_rows, KvCache& cache, Activations& activations,
                                     std::span<float> logits) const;

  // The same for rows of several sequences, one after the other in `ids`: each row sees the cache of its own sequence
  // and gets the bits that it gets alone. Nothing is tapped.
  [[nodiscard]] absl::Status Forward(KernelContext& context, StepKind kind, std::span<const int32_t> ids,
                                     int64_t logit_rows, std::span<const SequenceRows> sequences,
                                     Activations& activations, std::span<float> logits) const;

  // Logits of normalised rows, those that matter (`kept`) at least. DataLoss when one is not finite.
  [[nodiscard]] absl::Status Logits(KernelContext& context, const LogitsProjectionArgs& head,
                                    Activations& activations) const;
};

}  // namespace bitnet

#endif  // BITNET_MODEL_TRANSFORMER_H_
