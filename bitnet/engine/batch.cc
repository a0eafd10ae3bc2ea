#include "bitnet/engine/batch.h"

#include <algorithm>
#include <span>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/engine/chooser.h"

namespace bitnet {
namespace {

absl::Status CheckRequest(const Session& session, const BatchRequest& request) {
  BITNET_RETURN_IF_ERROR(request.sampling.Validate());
  if (request.prompts.empty()) return absl::InvalidArgumentError("a batch needs at least one prompt");
  if (request.max_tokens < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("tokens to generate: expected at least 1, got ", request.max_tokens));
  }
  for (size_t i = 0; i < session.caches().size(); ++i) {
    if (session.caches()[i].length() != 0) {
      return absl::FailedPreconditionError(absl::StrCat("sequence ", i, " already has ", session.caches()[i].length(),
                                                        " tokens: a batch begins with empty ones, reset the session"));
    }
  }
  for (size_t i = 0; i < request.prompts.size(); ++i) {
    const absl::Status status = CheckBatchPrompt(session, request.prompts[i], request.max_tokens);
    if (!status.ok()) return absl::Status(status.code(), absl::StrCat("prompt ", i, ": ", status.message()));
  }
  return absl::OkStatus();
}

bool Cancelled(const BatchRequest& request) {
  return request.cancelled != nullptr && request.cancelled->load(std::memory_order_relaxed);
}

size_t SharedPrefix(std::span<const TokenId> a, std::span<const TokenId> b) {
  return static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

// A sequence of the session: what its KV cache holds and, while it continues a prompt, which, and the token to feed.
struct Place {
  std::vector<TokenId> held;
  std::optional<size_t> prompt;
  std::optional<Chooser> chooser;
  TokenId next = 0;
};

class Batch {
 public:
  Batch(Session& session, const BatchRequest& request)
      : session_(session), request_(request), places_(static_cast<size_t>(session.sequences())) {
    completion_.outputs.resize(request.prompts.size());
  }

  absl::StatusOr<BatchCompletion> Run() {
    absl::Status status = FillPlaces();
    completion_.recorded_prefill = session_.recorder();
    while (status.ok() && Running()) {
      status = Pass();
      if (status.ok()) status = FillPlaces();
    }
    if (!status.ok() && !absl::IsCancelled(status)) return status;
    completion_.interrupted = !status.ok();
    completion_.recorded = session_.recorder();
    return std::move(completion_);
  }

 private:
  bool Running() const {
    return std::any_of(places_.begin(), places_.end(), [](const Place& place) { return place.prompt.has_value(); });
  }

  // Gives every free place the next prompt that waits, until one of them does not end at once.
  absl::Status FillPlaces() {
    const uint64_t start = NowNs();
    const absl::Cleanup timed = [&] { completion_.prefill_ns += NowNs() - start; };
    for (size_t place = 0; place < places_.size(); ++place) {
      while (!places_[place].prompt && waiting_ < request_.prompts.size()) {
        BITNET_RETURN_IF_ERROR(Start(place, waiting_++));
      }
    }
    return absl::OkStatus();
  }

  absl::Status Start(size_t index, size_t prompt) {
    const std::span<const TokenId> ids = request_.prompts[prompt];
    Place& place = places_[index];
    session_.SelectSequence(static_cast<int64_t>(index));
    const size_t reused = TakePrefix(index, ids);
    BITNET_RETURN_IF_ERROR(session_.Prefill(ids.subspan(reused), request_.cancelled));
    place.held.assign(ids.begin(), ids.end());
    place.prompt = prompt;
    place.chooser.emplace(session_, request_.sampling, request_.ignore_eos, ids, request_.max_tokens);
    completion_.outputs[prompt].reused = static_cast<int64_t>(reused);
    Choose(place, 0);
    return absl::OkStatus();
  }

  // Leaves in the cache of place `index`, which is selected, as many first tokens of `ids` as some cache holds, but not
  // all: the last one gives the logits to choose from.
  size_t TakePrefix(size_t index, std::span<const TokenId> ids) {
    size_t from = index;
    size_t shared = 0;
    for (size_t i = 0; request_.reuse_prefixes && i < places_.size(); ++i) {
      const size_t length = SharedPrefix(places_[i].held, ids.first(ids.size() - 1));
      if (length < shared || (length == shared && i != index)) continue;
      from = i;
      shared = length;
    }
    session_.TakePrefix(static_cast<int64_t>(from), static_cast<int64_t>(shared));
    places_[index].held.assign(ids.begin(), ids.begin() + static_cast<ptrdiff_t>(shared));
    return shared;
  }

  // One token to each sequence that runs.
  absl::Status Pass() {
    if (Cancelled(request_)) return absl::CancelledError("interrupted");
    const uint64_t start = NowNs();
    const absl::Cleanup timed = [&] { completion_.decode_ns += NowNs() - start; };
    sequences_.clear();
    ids_.clear();
    for (size_t i = 0; i < places_.size(); ++i) {
      if (!places_[i].prompt) continue;
      sequences_.push_back(static_cast<int64_t>(i));
      ids_.push_back(places_[i].next);
    }
    BITNET_RETURN_IF_ERROR(session_.DecodeTogether(sequences_, ids_));
    ++completion_.decode_passes;
    for (size_t row = 0; row < sequences_.size(); ++row) {
      Place& place = places_[static_cast<size_t>(sequences_[row])];
      place.held.push_back(ids_[row]);
      Choose(place, static_cast<int64_t>(row));
    }
    return absl::OkStatus();
  }

  // Chooses the next token of a place from row `row` of the last pass. Its prompt may end with it.
  void Choose(Place& place, int64_t row) {
    BatchOutput& output = completion_.outputs[*place.prompt];
    place.next = place.chooser->Next(row);
    output.tokens.push_back(place.next);
    const bool ended = session_.model().tokenizer.IsEndOfGeneration(place.next);
    if (!ended && static_cast<int64_t>(output.tokens.size()) < request_.max_tokens) return;
    output.finish = ended ? FinishReason::kEos : FinishReason::kLength;
    if (request_.on_output) (*request_.on_output)(*place.prompt, output);
    place.prompt.reset();
  }

  Session& session_;
  const BatchRequest& request_;
  std::vector<Place> places_;
  size_t waiting_ = 0;  // the first prompt that has no place yet
  std::vector<int64_t> sequences_;
  std::vector<TokenId> ids_;
  BatchCompletion completion_;
};

}  // namespace

absl::Status CheckBatchPrompt(const Session& session, std::span<const TokenId> prompt, int64_t max_tokens) {
  if (prompt.empty()) return absl::InvalidArgumentError("no token to feed: a prompt needs at least one token");
  const uint64_t vocab = session.model().config.shape.vocab;
  for (size_t i = 0; i < prompt.size(); ++i) {
    if (prompt[i] >= 0 && static_cast<uint64_t>(prompt[i]) < vocab) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("token ", i, ": expected an id in 0..", vocab - 1, ", got ", prompt[i]));
  }
  const int64_t size = static_cast<int64_t>(prompt.size());
  // The last token is never fed. Compared before adding: max_tokens may be anything.
  if (max_tokens <= session.capacity() && size + max_tokens - 1 <= session.capacity()) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(size, " tokens and ", max_tokens,
                                                   " to generate do not fit: the context has ", session.capacity(),
                                                   " positions; shorten one of them or ask for a larger context"));
}

absl::StatusOr<BatchCompletion> GenerateBatch(Session& session, const BatchRequest& request) {
  BITNET_RETURN_IF_ERROR(CheckRequest(session, request));
  session.KeepLogits(LogitsThatMatter(session.model().tokenizer, request.sampling, request.ignore_eos));
  const absl::Cleanup restore = [&session] {
    session.KeepLogits({});
    session.SelectSequence(0);
  };
  return Batch(session, request).Run();
}

}  // namespace bitnet
