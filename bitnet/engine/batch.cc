#include "bitnet/engine/batch.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

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

  // Gives prompts that wait the free places, one after the other. One that ends at once frees its place again.
  absl::Status FillPlaces() {
    const uint64_t start = NowNs();
    const absl::Cleanup timed = [&] { completion_.prefill_ns += NowNs() - start; };
    for (; waiting_ < request_.prompts.size(); ++waiting_) {
      const std::optional<size_t> place = FreePlace(request_.prompts[waiting_]);
      if (!place) break;
      const absl::Status status = Start(*place, waiting_);
      if (!status.ok()) return absl::Status(status.code(), absl::StrCat("prompt ", waiting_, ": ", status.message()));
    }
    return absl::OkStatus();
  }

  // The free place that has most of the prompt already; of several that which has least else to lose.
  std::optional<size_t> FreePlace(std::span<const TokenId> ids) const {
    std::optional<size_t> best;
    size_t best_shared = 0;
    for (size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].prompt) continue;
      const size_t shared = request_.reuse_prefixes ? SharedPrefix(places_[i].held, ids) : 0;
      const bool better = !best || shared > best_shared ||
                          (shared == best_shared && places_[i].held.size() < places_[*best].held.size());
      if (!better) continue;
      best = i;
      best_shared = shared;
    }
    return best;
  }

  absl::Status Start(size_t index, size_t prompt) {
    const std::span<const TokenId> ids = request_.prompts[prompt];
    Place& place = places_[index];
    session_.SelectSequence(static_cast<int64_t>(index));
    const size_t reused = TakePrefix(index, ids);
    BITNET_RETURN_IF_ERROR(session_.Prefill(ids.subspan(reused), request_.cancelled));
    place.held.assign(ids.begin(), ids.end());
    place.held.reserve(ids.size() + static_cast<size_t>(request_.max_tokens));
    completion_.outputs[prompt].tokens.reserve(static_cast<size_t>(request_.max_tokens));
    place.prompt = prompt;
    place.chooser.emplace(session_, request_.sampling, request_.ignore_eos, ids, request_.max_tokens);
    completion_.outputs[prompt].reused = static_cast<int64_t>(reused);
    return Choose(place, 0);
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
    const absl::Status decoded = session_.DecodeTogether(sequences_, ids_);
    if (!decoded.ok()) return absl::Status(decoded.code(), absl::StrCat(RunningPrompts(), ": ", decoded.message()));
    ++completion_.decode_passes;
    for (size_t row = 0; row < sequences_.size(); ++row) {
      Place& place = places_[static_cast<size_t>(sequences_[row])];
      place.held.push_back(ids_[row]);
      BITNET_RETURN_IF_ERROR(Choose(place, static_cast<int64_t>(row)));
    }
    return absl::OkStatus();
  }

  // "prompts 3, 5, 6"
  std::string RunningPrompts() const {
    std::string text;
    for (const Place& place : places_) {
      if (place.prompt) absl::StrAppend(&text, text.empty() ? "prompts " : ", ", *place.prompt);
    }
    return text;
  }

  // Chooses the next token of a place from row `row` of the last pass. Its prompt may end with it.
  absl::Status Choose(Place& place, int64_t row) {
    BatchOutput& output = completion_.outputs[*place.prompt];
    place.next = place.chooser->Next(row);
    output.tokens.push_back(place.next);
    const bool ended = session_.model().tokenizer.IsEndOfGeneration(place.next);
    if (!ended && static_cast<int64_t>(output.tokens.size()) < request_.max_tokens) return absl::OkStatus();
    output.finish = ended ? FinishReason::kEos : FinishReason::kLength;
    const size_t prompt = *place.prompt;
    place.prompt.reset();
    return request_.on_output ? (*request_.on_output)(prompt, output) : absl::OkStatus();
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
  BITNET_RETURN_IF_ERROR(CheckVocabulary(session.model().config, prompt));
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
