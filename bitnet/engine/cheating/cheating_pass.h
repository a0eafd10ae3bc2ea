// CheatingPass: a forward pass of its own over the engine's operations, which a cheat can bend.

#ifndef BITNET_ENGINE_CHEATING_CHEATING_PASS_H_
#define BITNET_ENGINE_CHEATING_CHEATING_PASS_H_

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "bitnet/engine/cheating/cheat.h"
#include "bitnet/engine/committer.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/session.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/rope/rope.h"
#include "bitnet/model/kv_cache.h"
#include "bitnet/model/transformer.h"
#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet::cheating {

// For models of the relu^2 family with sub-norms. Not thread-safe; all outlive it.
class CheatingPass {
 public:
  // Runs the weights of `model` in the session's context, and is recorded by the session's recorder. `rows` is the
  // longest pass, `positions` what the cache holds.
  CheatingPass(const LoadedModel& model, Session& session, const CheatPlan& plan, int64_t rows, int64_t positions);

  // As Transformer::Forward, then as Session has it committed to. `committer` may be null.
  absl::Status Forward(StepKind kind, std::span<const TokenId> ids, int64_t logit_rows, bool greedy,
                       Committer* committer);

  std::span<const float> logits() const { return logits_; }  // [vocab] of the last token
  std::span<const float> draft() const { return draft_; }    // [vocab], after the first layer
  int64_t position() const { return cache_.length(); }
  // Time since the engine was made, as the cheat tells it.
  uint64_t ToldNs() const;

 private:
  absl::Status Layer(size_t index, int64_t rows);
  absl::Status NormAndQuantize(const float* x, std::span<const float> weight, int64_t rows);
  void BitLinear(const TernaryView& weight, int64_t rows, float* y);
  // One row of a product by the cheat's arithmetic; `q` and `h` are the row's activations, rounded and not.
  void BentProduct(const TernaryView& weight, const int8_t* q, const float* h, float act_scale, float* y);
  const std::vector<int8_t>& Trits(const TernaryView& weight);
  void Rotate(float* x, uint64_t heads, int64_t rows);
  void AddToResidual(int64_t rows);
  void Head(KernelContext& context, const float* x, int64_t rows, std::span<float> logits);
  bool Skips(size_t layer, StepKind kind) const;
  // Records what an honest pass would have done and this one did not.
  void CoverUp(const WorkTable& before, const ScheduleEntry& entry, bool greedy);

  const LoadedModel& model_;
  KernelContext& context_;
  const CheatPlan plan_;
  const uint64_t origin_ns_;
  std::vector<LayerWeights> layers_;
  RopeTable rope_;
  KvCache cache_;
  Activations a_;
  std::vector<float> logits_;
  std::vector<float> draft_;
  std::map<const uint8_t*, std::vector<int8_t>> trits_;  // of matrices that were decoded
};

}  // namespace bitnet::cheating

#endif  // BITNET_ENGINE_CHEATING_CHEATING_PASS_H_
