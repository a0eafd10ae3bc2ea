// Session: a sequence being fed and continued, or several.

#ifndef BITNET_ENGINE_SESSION_H_
#define BITNET_ENGINE_SESSION_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/committer.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/rope/rope.h"
#include "bitnet/kernels/selftest/selftest.h"
#include "bitnet/model/activation_tap.h"
#include "bitnet/model/kv_cache.h"
#include "bitnet/model/transformer.h"

namespace bitnet {

struct SessionOptions {
  IsaSet isa = {Isa::kScalar};  // what dispatch may use
  int64_t context = 0;          // KV cache positions; 0 means the model's own context length
  int64_t prefill_chunk = 256;  // prompt tokens per forward pass
  int64_t sequences = 1;        // each with a KV cache of its own, 1..kMaxDecodeRows
};

// Receives logits row by row, in position order. The span is valid during the call. [vocab]
using LogitsSink = absl::FunctionRef<void(std::span<const float> logits)>;

// InvalidArgument names the first id that is none of the model's.
absl::Status CheckVocabulary(const ModelConfig& config, std::span<const TokenId> ids);

// Not thread-safe. `model` and `pool` outlive it.
class Session {
 public:
  // Runs the known-answer test of every kernel that dispatch can choose; Internal when one fails, naming it.
  // InvalidArgument for options out of range.
  static absl::StatusOr<std::unique_ptr<Session>> Create(const LoadedModel& model, ThreadPool& pool,
                                                         const SessionOptions& options);

  // Feeds a prompt (>= 1 ids, all inside the vocabulary, fitting the cache) in chunks. Afterwards logits() are those
  // of its last token. With a sink, logits of every prompt token are computed and handed over.
  // `cancelled`, if any, is looked at before each chunk: Cancelled then. DataLoss when the model's arithmetic
  // overflows.
  absl::Status Prefill(std::span<const TokenId> ids, const std::atomic<bool>* cancelled = nullptr);
  absl::Status Prefill(std::span<const TokenId> ids, LogitsSink sink, const std::atomic<bool>* cancelled = nullptr);
  // The same, but logits of the ids from index `from` on only: 0 <= from < ids.size().
  absl::Status PrefillFrom(std::span<const TokenId> ids, size_t from, LogitsSink sink,
                           const std::atomic<bool>* cancelled = nullptr);

  // Feeds one token. Afterwards logits() are those that choose the next.
  absl::Status Decode(TokenId id) { return DecodeRows(std::span(&id, 1)); }

  // Feeds several tokens in one pass with logits of each: a token that was chosen, and after it tokens that are
  // expected to be. 1 to kMaxDecodeRows of them.
  absl::Status DecodeRows(std::span<const TokenId> ids);

  // Feeds `fed[0]` and drafts after it. Should the arithmetic of a draft overflow, drafts are taken out of `fed`: a run
  // without them would not have fed them.
  absl::Status DecodeDrafted(std::vector<TokenId>& fed);

  // Forgets all rows of the last pass, which DecodeRows made, but the first `rows`, as if they had never been fed but
  // for the record of the work. 1 <= rows <= its rows; once a pass.
  void KeepRows(int64_t rows);

  // Says which logits of later rows matter, those that a sink gets included. All others may be -infinity then; those
  // that are not are the same bits either way.
  void KeepLogits(const LogitsKept& kept) { kept_ = kept; }

  // [vocab] of the last token fed. Empty before the first, after a pass without logits or that failed, and after
  // TakePrefix.
  std::span<const float> logits() const;

  // [vocab] of row `row` of the last pass, 0 <= row < its rows with logits.
  std::span<float> logits(int64_t row);

  // Rows of the last pass that have logits, and the position of the token fed in one of them.
  int64_t logit_rows() const { return logit_rows_; }
  int64_t PositionOfRow(int64_t row) const { return position() - logit_rows_ + row; }

  // Takes ids out of the choice: their logits of row `row` of the last pass become -infinity.
  void MaskLogits(int64_t row, std::span<const TokenId> ids);

  // Shows `tap` the values of every later forward pass; null shows them to nobody. It must outlive them.
  void SetTap(ActivationTap* tap) { tap_ = tap; }

  // Has `committer` commit to every later forward pass; null ends it. It must outlive them.
  void SetCommitter(Committer* committer) { committer_ = committer; }
  Committer* committer() const { return committer_; }

  // Says which sequence is fed from here on, 0 <= sequence < sequences(). The first at the beginning.
  void SelectSequence(int64_t sequence);

  // Leaves in the sequence selected the first `positions` positions of sequence `from`, which may be the same one, and
  // nothing else: they are not computed again. positions <= what `from` has. No committer may be set: a commitment has
  // every position.
  void TakePrefix(int64_t from, int64_t positions);

  // Feeds one token to each of `sequences`, which are all different, in one pass. Afterwards logits(i) are those that
  // choose the next token of sequences[i]. Nothing commits to such a pass.
  absl::Status DecodeTogether(std::span<const int64_t> sequences, std::span<const TokenId> ids);

  // Forgets all sequences and what was recorded, keeps all memory, and selects the first.
  void Reset();

  const LoadedModel& model() const { return model_; }
  KernelContext& context() { return context_; }
  const Recorder& recorder() const { return recorder_; }
  const SessionOptions& options() const { return options_; }
  const SelfTestReport& self_test() const { return self_test_; }
  const RopeTable& rope() const { return rope_; }
  int threads() const { return context_.pool.size(); }
  int64_t sequences() const { return static_cast<int64_t>(caches_.size()); }
  int64_t position() const { return cache_->length(); }    // of the sequence selected
  int64_t capacity() const { return cache_->capacity(); }  // of each
  uint64_t kv_cache_bytes() const { return caches_.size() * cache_->bytes(); }
  // All memory of the session that grows with its options; for accounting.
  std::span<const KvCache> caches() const { return caches_; }
  const Activations& activations() const { return activations_; }
  std::span<const float> logits_buffer() const { return logits_.span(); }

 private:
  Session(const LoadedModel& model, ThreadPool& pool, const SessionOptions& options, SelfTestReport self_test);

  absl::Status CheckIds(std::span<const TokenId> ids) const;
  absl::Status Forward(StepKind kind, std::span<const TokenId> ids, int64_t logit_rows);
  // After a pass over `rows` tokens: gives pages of the embedding and of the head back now and then.
  void BoundTableMemory(int64_t rows, int64_t logit_rows);

  const LoadedModel& model_;
  const SessionOptions options_;
  const SelfTestReport self_test_;
  Recorder recorder_;
  KernelContext context_;
  RopeTable rope_;
  std::vector<KvCache> caches_;  // one a sequence
  KvCache* cache_;               // of the sequence selected
  Activations activations_;
  AlignedBuffer<float> logits_;  // [rows of the last forward pass with logits][vocab]
  int64_t logit_rows_ = 0;
  const KvCache* rows_of_ = nullptr;  // whose last rows these are; null: of several sequences
  LogitsKept kept_;
  int64_t table_rows_ = 0;  // read one by one since their pages were given back
  ActivationTap* tap_ = nullptr;
  Committer* committer_ = nullptr;
};

}  // namespace bitnet

#endif  // BITNET_ENGINE_SESSION_H_
