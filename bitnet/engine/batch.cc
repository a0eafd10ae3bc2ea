#include "bitnet/engine/batch.h"

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
  const int64_t count = static_cast<int64_t>(request.prompts.size());
  if (count < 1 || count > session.sequences()) {
    return absl::InvalidArgumentError(
        absl::StrCat("prompts of a batch: expected 1..", session.sequences(), ", got ", count));
  }
  if (request.max_tokens < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("tokens to generate: expected at least 1, got ", request.max_tokens));
  }
  for (size_t i = 0; i < request.prompts.size(); ++i) {
    if (session.caches()[i].length() != 0) {
      return absl::FailedPreconditionError(absl::StrCat("sequence ", i, " already has ", session.caches()[i].length(),
                                                        " tokens: a batch begins with empty ones, reset the session"));
    }
  }
  for (const std::vector<TokenId>& prompt : request.prompts) {
    if (prompt.empty()) return absl::InvalidArgumentError("no token to feed: a prompt needs at least one token");
    const int64_t size = static_cast<int64_t>(prompt.size());
    // The last token is never fed. Compared before adding: max_tokens may be anything.
    if (request.max_tokens <= session.capacity() && size + request.max_tokens - 1 <= session.capacity()) continue;
    return absl::ResourceExhaustedError(absl::StrCat("a prompt of ", size, " tokens and ", request.max_tokens,
                                                     " to generate do not fit: the context has ", session.capacity(),
                                                     " positions; shorten one of them or ask for a larger context"));
  }
  return absl::OkStatus();
}

bool Cancelled(const BatchRequest& request) {
  return request.cancelled != nullptr && request.cancelled->load(std::memory_order_relaxed);
}

// The sequences that still run, and the token that each is to be fed.
struct Running {
  std::vector<int64_t> sequences;
  std::vector<TokenId> tokens;
};

}  // namespace

absl::StatusOr<BatchCompletion> GenerateBatch(Session& session, const BatchRequest& request) {
  BITNET_RETURN_IF_ERROR(CheckRequest(session, request));
  const Tokenizer& tokenizer = session.model().tokenizer;
  const int64_t count = static_cast<int64_t>(request.prompts.size());
  BatchCompletion completion;
  completion.outputs.resize(request.prompts.size());
  std::vector<Chooser> choosers;
  choosers.reserve(request.prompts.size());
  for (const std::vector<TokenId>& prompt : request.prompts) {
    choosers.emplace_back(session, request.sampling, request.ignore_eos, prompt, request.max_tokens);
  }
  session.KeepLogits(LogitsThatMatter(tokenizer, request.sampling, request.ignore_eos));
  const absl::Cleanup restore = [&session] {
    session.KeepLogits({});
    session.SelectSequence(0);
  };

  Running running;
  const auto choose = [&](int64_t sequence, int64_t row, Running& next) {
    const TokenId id = choosers[static_cast<size_t>(sequence)].Next(row);
    std::vector<TokenId>& output = completion.outputs[static_cast<size_t>(sequence)];
    output.push_back(id);
    if (tokenizer.IsEndOfGeneration(id) || static_cast<int64_t>(output.size()) == request.max_tokens) return;
    next.sequences.push_back(sequence);
    next.tokens.push_back(id);
  };
  const uint64_t start = NowNs();
  for (int64_t i = 0; i < count; ++i) {
    session.SelectSequence(i);
    const absl::Status prefilled = session.Prefill(request.prompts[static_cast<size_t>(i)], request.cancelled);
    if (absl::IsCancelled(prefilled)) {
      completion.interrupted = true;
      completion.prefill_ns = NowNs() - start;
      completion.recorded = completion.recorded_prefill = session.recorder();
      return completion;
    }
    BITNET_RETURN_IF_ERROR(prefilled);
    choose(i, 0, running);
  }
  const uint64_t decode_start = NowNs();
  completion.prefill_ns = decode_start - start;
  completion.recorded_prefill = session.recorder();
  while (!running.tokens.empty()) {
    if (Cancelled(request)) {
      completion.interrupted = true;
      break;
    }
    BITNET_RETURN_IF_ERROR(session.DecodeTogether(running.sequences, running.tokens));
    ++completion.decode_passes;
    Running next;
    for (size_t row = 0; row < running.sequences.size(); ++row) {
      choose(running.sequences[row], static_cast<int64_t>(row), next);
    }
    running = std::move(next);
  }
  completion.decode_ns = NowNs() - decode_start;
  completion.recorded = session.recorder();
  return completion;
}

}  // namespace bitnet
