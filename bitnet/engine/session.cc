#include "bitnet/engine/session.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/attention/attention.h"

namespace bitnet {
namespace {

constexpr int64_t kMaxContext = 1 << 20;
constexpr int64_t kMaxPrefillChunk = 4096;
// With a sink every row of a chunk needs logits; 64 rows of 128256 floats are 33 MB.
constexpr int64_t kMaxSinkRows = 64;

// Rows of the embedding and of the head that may stay in memory. Each brings 64 KiB of the file with it, which is what
// Linux maps around a page: 64 MiB in all.
constexpr int64_t kTableRowsInMemory = 1024;

bool Raised(const std::atomic<bool>* flag) { return flag != nullptr && flag->load(std::memory_order_relaxed); }

SessionOptions WithDefaults(SessionOptions options, const ModelConfig& config) {
  if (options.context == 0) options.context = std::min(kMaxContext, static_cast<int64_t>(config.context_length));
  options.prefill_chunk = std::min(options.prefill_chunk, options.context);
  return options;
}

// Of one pass, a chunk of a prompt or tokens that are verified together. Rows that never come cost address space only.
int64_t MaxRows(const SessionOptions& options) { return std::max(options.prefill_chunk, kMaxDecodeRows); }

// A cache that cannot be held is refused here, not by the allocator: the context length comes from the file.
absl::Status CheckMemory(const ModelConfig& config, const SessionOptions& options, int threads) {
  const int64_t context = options.context;
  const uint64_t tables = static_cast<uint64_t>(context) * config.shape.head_dim * sizeof(float);
  const uint64_t scores = static_cast<uint64_t>(AttentionScratchFloats(context, threads)) * sizeof(float);
  const uint64_t caches = static_cast<uint64_t>(options.sequences) * KvCache::BytesNeeded(config.shape, context);
  const uint64_t needed = caches + tables + scores;
  const uint64_t memory = ReadHostInfo().memory_bytes;
  if (memory == 0 || needed <= memory) return absl::OkStatus();
  const std::string each = options.sequences > 1 ? absl::StrCat(" for each of ", options.sequences, " sequences") : "";
  return absl::ResourceExhaustedError(absl::StrCat(
      "a context of ", context, " positions", each, " needs ", needed >> 20, " MiB, this machine has ", memory >> 20,
      " MiB; ask for a smaller context (--context)", options.sequences > 1 ? " or fewer sequences (--parallel)" : ""));
}

}  // namespace

absl::Status CheckVocabulary(const ModelConfig& config, std::span<const TokenId> ids) {
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0 || static_cast<uint64_t>(ids[i]) >= config.shape.vocab) {
      return absl::InvalidArgumentError(
          absl::StrCat("token ", i, ": expected an id in 0..", config.shape.vocab - 1, ", got ", ids[i]));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Session>> Session::Create(const LoadedModel& model, ThreadPool& pool,
                                                         const SessionOptions& options) {
  if (options.context < 0 || options.context > kMaxContext) {
    return absl::InvalidArgumentError(absl::StrCat("context: expected 1..", kMaxContext, ", got ", options.context));
  }
  if (options.prefill_chunk < 1 || options.prefill_chunk > kMaxPrefillChunk) {
    return absl::InvalidArgumentError(
        absl::StrCat("prefill chunk: expected 1..", kMaxPrefillChunk, ", got ", options.prefill_chunk));
  }
  if (options.sequences < 1 || options.sequences > kMaxDecodeRows) {
    return absl::InvalidArgumentError(
        absl::StrCat("sequences: expected 1..", kMaxDecodeRows, ", got ", options.sequences));
  }
  const SessionOptions effective = WithDefaults(options, model.config);
  BITNET_RETURN_IF_ERROR(CheckMemory(model.config, effective, pool.size()));
  BITNET_ASSIGN_OR_RETURN(SelfTestReport self_test, RunSelfTests(options.isa));
  return std::unique_ptr<Session>(new Session(model, pool, effective, std::move(self_test)));
}

Session::Session(const LoadedModel& model, ThreadPool& pool, const SessionOptions& options, SelfTestReport self_test)
    : model_(model),
      options_(options),
      self_test_(std::move(self_test)),
      context_{pool, recorder_, options.isa},
      rope_(RopeTable::Create(static_cast<int64_t>(model.config.shape.head_dim), model.config.rope_freq_base,
                              options.context)),
      activations_(model.config, MaxRows(options), options.context, pool.size()),
      logits_(static_cast<size_t>(std::min(kMaxSinkRows, MaxRows(options))) * model.config.shape.vocab) {
  for (int64_t i = 0; i < options.sequences; ++i) caches_.emplace_back(model.config.shape, options.context);
  cache_ = &caches_[0];
}

absl::Status Session::CheckIds(std::span<const TokenId> ids) const {
  if (ids.empty()) return absl::InvalidArgumentError("no token to feed: a prompt needs at least one token");
  const int64_t room = capacity() - position();
  if (static_cast<int64_t>(ids.size()) > room) {
    return absl::ResourceExhaustedError(absl::StrCat(ids.size(), " tokens do not fit: ", room, " of ", capacity(),
                                                     " context positions are free; a larger context can be asked for"));
  }
  return CheckVocabulary(model_.config, ids);
}

absl::Status Session::Forward(StepKind kind, std::span<const TokenId> ids, int64_t logit_rows) {
  rope_.EnsurePositions(position() + static_cast<int64_t>(ids.size()));
  const Transformer transformer{model_.config, model_.weights, rope_, tap_, kept_};
  const int64_t first_position = position();
  logit_rows_ = 0;  // they are overwritten, whatever comes of the pass
  const uint64_t begin = NowNs();
  BITNET_RETURN_IF_ERROR(transformer.Forward(context_, kind, ids, logit_rows, *cache_, activations_, logits_.span()));
  if (committer_ != nullptr) {
    committer_->OnForward({.kind = kind,
                           .ids = ids,
                           .first_position = first_position,
                           .logit_rows = logit_rows,
                           .hidden = activations_.x.span().first(ids.size() * model_.config.shape.hidden),
                           .cache = *cache_,
                           .recorder = recorder_,
                           .begin_ns = begin,
                           .end_ns = NowNs()});
  }
  logit_rows_ = logit_rows;
  rows_of_ = cache_;
  BoundTableMemory(static_cast<int64_t>(ids.size()), logit_rows);
  return absl::OkStatus();
}

void Session::BoundTableMemory(int64_t rows, int64_t logit_rows) {
  if (kept_.largest == 0) return;  // every pass reads the whole head
  const int64_t candidates = logit_rows > 0 ? activations_.screen.head_rows : 0;
  if (candidates >= static_cast<int64_t>(model_.config.shape.vocab)) return;  // this one did
  table_rows_ += rows + candidates;
  if (table_rows_ < kTableRowsInMemory) return;
  model_.ReleaseTables();
  table_rows_ = 0;
}

absl::Status Session::Prefill(std::span<const TokenId> ids, const std::atomic<bool>* cancelled) {
  BITNET_RETURN_IF_ERROR(CheckIds(ids));
  const size_t chunk = static_cast<size_t>(options_.prefill_chunk);
  for (size_t begin = 0; begin < ids.size(); begin += chunk) {
    if (Raised(cancelled)) return absl::CancelledError("interrupted");
    const size_t rows = std::min(chunk, ids.size() - begin);
    BITNET_RETURN_IF_ERROR(Forward(StepKind::kPrefill, ids.subspan(begin, rows), begin + rows == ids.size() ? 1 : 0));
  }
  return absl::OkStatus();
}

absl::Status Session::Prefill(std::span<const TokenId> ids, LogitsSink sink, const std::atomic<bool>* cancelled) {
  return PrefillFrom(ids, 0, sink, cancelled);
}

absl::Status Session::PrefillFrom(std::span<const TokenId> ids, size_t from, LogitsSink sink,
                                  const std::atomic<bool>* cancelled) {
  BITNET_RETURN_IF_ERROR(CheckIds(ids));
  CHECK_LT(from, ids.size());
  const size_t vocab = model_.config.shape.vocab;
  const size_t chunk = static_cast<size_t>(options_.prefill_chunk);
  const size_t sink_chunk = std::min(static_cast<size_t>(kMaxSinkRows), chunk);
  for (size_t begin = 0; begin < ids.size();) {
    if (Raised(cancelled)) return absl::CancelledError("interrupted");
    const size_t rows = begin < from ? std::min(chunk, from - begin) : std::min(sink_chunk, ids.size() - begin);
    const size_t logit_rows = begin < from ? 0 : rows;
    BITNET_RETURN_IF_ERROR(Forward(StepKind::kPrefill, ids.subspan(begin, rows), static_cast<int64_t>(logit_rows)));
    for (size_t row = 0; row < logit_rows; ++row) sink(logits_.span().subspan(row * vocab, vocab));
    begin += rows;
  }
  return absl::OkStatus();
}

absl::Status Session::DecodeRows(std::span<const TokenId> ids) {
  BITNET_RETURN_IF_ERROR(CheckIds(ids));
  const int64_t rows = static_cast<int64_t>(ids.size());
  CHECK_LE(rows, kMaxDecodeRows);
  return Forward(StepKind::kDecode, ids, rows);
}

absl::Status Session::DecodeDrafted(std::vector<TokenId>& fed) {
  absl::Status status = DecodeRows(fed);
  if (absl::IsDataLoss(status) && fed.size() > 1) {
    fed.resize(1);
    status = DecodeRows(fed);
  }
  return status;
}

void Session::KeepRows(int64_t rows) {
  CHECK(rows_of_ == cache_ && rows >= 1 && rows <= logit_rows_);
  const int64_t rejected = logit_rows_ - rows;
  if (rejected == 0) return;
  recorder_.RejectRows(static_cast<uint64_t>(rejected));
  cache_->Truncate(cache_->length() - rejected);
  if (committer_ != nullptr) committer_->OnRejected(rejected);
  logit_rows_ = rows;
}

std::span<const float> Session::logits() const {
  if (logit_rows_ == 0) return {};
  const size_t vocab = model_.config.shape.vocab;
  return logits_.span().subspan(static_cast<size_t>(logit_rows_ - 1) * vocab, vocab);
}

std::span<float> Session::logits(int64_t row) {
  CHECK(row >= 0 && row < logit_rows_);
  const size_t vocab = model_.config.shape.vocab;
  return logits_.span().subspan(static_cast<size_t>(row) * vocab, vocab);
}

void Session::MaskLogits(int64_t row, std::span<const TokenId> ids) {
  const std::span<float> values = logits(row);
  for (TokenId id : ids) values[static_cast<size_t>(id)] = -std::numeric_limits<float>::infinity();
}

void Session::SelectSequence(int64_t sequence) {
  CHECK(sequence >= 0 && sequence < sequences());
  cache_ = &caches_[static_cast<size_t>(sequence)];
}

void Session::TakePrefix(int64_t from, int64_t positions) {
  CHECK(from >= 0 && from < sequences());
  CHECK(committer_ == nullptr);
  logit_rows_ = 0;
  const KvCache& source = caches_[static_cast<size_t>(from)];
  if (&source == cache_) {
    cache_->Truncate(positions);
  } else {
    cache_->CopyPrefix(source, positions);
  }
}

absl::Status Session::DecodeTogether(std::span<const int64_t> sequences, std::span<const TokenId> ids) {
  CHECK_EQ(sequences.size(), ids.size());
  CHECK(!sequences.empty() && static_cast<int64_t>(sequences.size()) <= this->sequences());
  CHECK(committer_ == nullptr && tap_ == nullptr);
  KvCache* const selected = cache_;
  const absl::Cleanup restore = [this, selected] { cache_ = selected; };
  std::array<SequenceRows, kMaxDecodeRows> rows;
  int64_t longest = 0;
  for (size_t i = 0; i < sequences.size(); ++i) {
    SelectSequence(sequences[i]);
    BITNET_RETURN_IF_ERROR(CheckIds(ids.subspan(i, 1)));
    for (size_t j = 0; j < i; ++j) CHECK_NE(sequences[i], sequences[j]);
    rows[i] = {cache_, 1};
    longest = std::max(longest, position());
  }
  rope_.EnsurePositions(longest + 1);
  const Transformer transformer{model_.config, model_.weights, rope_, nullptr, kept_};
  const int64_t count = static_cast<int64_t>(ids.size());
  logit_rows_ = 0;  // as in Forward
  BITNET_RETURN_IF_ERROR(transformer.Forward(context_, StepKind::kDecode, ids, count, std::span(rows).first(ids.size()),
                                             activations_, logits_.span()));
  logit_rows_ = count;
  rows_of_ = count == 1 ? rows[0].cache : nullptr;
  BoundTableMemory(count, count);
  return absl::OkStatus();
}

void Session::Reset() {
  for (KvCache& cache : caches_) cache.Truncate(0);
  cache_ = &caches_[0];
  recorder_.Reset();
  logit_rows_ = 0;
}

}  // namespace bitnet
