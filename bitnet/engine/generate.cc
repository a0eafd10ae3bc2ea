#include "bitnet/engine/generate.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/engine/chooser.h"
#include "bitnet/engine/prompt_lookup.h"
#include "bitnet/engine/stop_matcher.h"
#include "bitnet/kernels/catalog/work.h"

namespace bitnet {
namespace {

absl::Status CheckRequest(const Session& session, const GenerateRequest& request) {
  BITNET_RETURN_IF_ERROR(request.sampling.Validate());
  if (request.max_tokens < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("tokens to generate: expected at least 1, got ", request.max_tokens));
  }
  if (request.max_draft < 0 || request.max_draft >= kMaxDecodeRows) {
    return absl::InvalidArgumentError(
        absl::StrCat("tokens to draft: expected 0..", kMaxDecodeRows - 1, ", got ", request.max_draft));
  }
  const int64_t room = session.capacity() - session.position();
  // Compared before adding: max_tokens may be anything.
  const int64_t prompt = static_cast<int64_t>(request.prompt.size());
  const bool fits = request.max_tokens <= room && prompt + request.max_tokens - (request.logits ? 0 : 1) <= room;
  if (!fits) {
    return absl::ResourceExhaustedError(
        absl::StrCat("prompt of ", prompt, " tokens and ", request.max_tokens, " to generate do not fit: ", room,
                     " context positions are free; shorten one of them or ask for a larger context"));
  }
  return absl::OkStatus();
}

bool Cancelled(const GenerateRequest& request) {
  return request.cancelled != nullptr && request.cancelled->load(std::memory_order_relaxed);
}

// How many tokens may be drafted for the next pass: none of them beyond the context or beyond what is asked for.
int64_t DraftLimit(const Session& session, const GenerateRequest& request, const Completion& completion) {
  // Rejected rows make an entry of their own, and so does the pass after them.
  const size_t entries = session.recorder().schedule().size() + 2;
  if (request.max_schedule > 0 && entries > request.max_schedule) return 0;
  const int64_t wanted = request.max_tokens - static_cast<int64_t>(completion.output.size());
  return std::min(wanted - 1, session.capacity() - session.position() - 1);
}

}  // namespace

std::string_view FinishReasonName(FinishReason reason) {
  switch (reason) {
    case FinishReason::kLength:
      return "length";
    case FinishReason::kEos:
      return "eos";
    case FinishReason::kStop:
      return "stop";
    case FinishReason::kInterrupted:
      return "interrupted";
  }
  return "interrupted";
}

absl::StatusOr<Completion> Generate(Session& session, const GenerateRequest& request,
                                    absl::FunctionRef<void(std::string_view)> on_text) {
  BITNET_RETURN_IF_ERROR(CheckRequest(session, request));
  const Tokenizer& tokenizer = session.model().tokenizer;
  Completion completion;
  completion.prompt = request.prompt;
  completion.output.reserve(static_cast<size_t>(request.max_tokens));
  session.SetCommitter(request.committer);
  Chooser chooser(session, request.sampling, request.ignore_eos, request.prompt, request.max_tokens);
  session.KeepLogits(request.logits ? LogitsKept() : LogitsThatMatter(tokenizer, request.sampling, request.ignore_eos));
  const absl::Cleanup detach = [&session] {
    session.SetCommitter(nullptr);
    session.KeepLogits({});
  };
  StreamingDetokenizer detokenizer(tokenizer);
  StopMatcher matcher(request.stop);
  const auto finished = [&](TokenId id) -> absl::StatusOr<bool> {
    completion.output.push_back(id);
    if (tokenizer.IsEndOfGeneration(id)) {
      completion.finish = FinishReason::kEos;
      return true;
    }
    BITNET_ASSIGN_OR_RETURN(const std::string_view text, detokenizer.Push(id));
    if (const std::string_view shown = matcher.Push(text); !shown.empty()) on_text(shown);
    if (matcher.stopped()) {
      completion.finish = FinishReason::kStop;
      return true;
    }
    return static_cast<int64_t>(completion.output.size()) == request.max_tokens;
  };

  const uint64_t start = NowNs();
  const absl::Status prefilled = request.logits ? session.Prefill(request.prompt, *request.logits, request.cancelled)
                                                : session.Prefill(request.prompt, request.cancelled);
  if (absl::IsCancelled(prefilled)) {
    completion.finish = FinishReason::kInterrupted;
    completion.prefill_ns = NowNs() - start;
    completion.recorded = session.recorder();
    return completion;
  }
  BITNET_RETURN_IF_ERROR(prefilled);
  TokenId id = chooser.Next(session.logit_rows() - 1);
  const uint64_t first_token = NowNs();
  completion.prefill_ns = first_token - start;
  completion.recorded_prefill = session.recorder();
  BITNET_ASSIGN_OR_RETURN(bool done, finished(id));
  PromptLookup lookup(request.max_draft);
  std::vector<TokenId> fed;  // the token chosen last, and drafts
  fed.reserve(static_cast<size_t>(kMaxDecodeRows));
  while (!done) {
    if (Cancelled(request)) {
      completion.finish = FinishReason::kInterrupted;
      break;
    }
    const std::span<const TokenId> draft = lookup.Draft(chooser.history(), DraftLimit(session, request, completion));
    fed.assign(1, id);
    fed.insert(fed.end(), draft.begin(), draft.end());
    const int64_t rows = static_cast<int64_t>(fed.size());
    BITNET_RETURN_IF_ERROR(session.DecodeDrafted(fed));
    size_t kept = 0;
    absl::Status shown;
    do {
      const int64_t row = static_cast<int64_t>(kept++);
      if (request.logits) (*request.logits)(session.logits(row));
      id = chooser.Next(row);
      const absl::StatusOr<bool> ended = finished(id);
      shown = ended.status();
      done = !ended.ok() || *ended;
    } while (!done && kept < fed.size() && fed[kept] == id);
    session.KeepRows(static_cast<int64_t>(kept));
    BITNET_RETURN_IF_ERROR(shown);
    lookup.OnPass(rows, static_cast<int64_t>(kept));  // a draft that was left out was computed all the same
    completion.drafted += fed.size() - 1;
    completion.accepted += kept - 1;
  }
  completion.decode_ns = NowNs() - first_token;
  if (!matcher.stopped()) {
    // Bytes of a character that never became whole, then what could have become a stop string.
    std::string rest(matcher.Push(detokenizer.Flush()));
    if (matcher.stopped()) {
      completion.finish = FinishReason::kStop;
    } else {
      rest += matcher.Flush();
    }
    if (!rest.empty()) on_text(rest);
  }
  completion.recorded = session.recorder();
  if (request.committer != nullptr) completion.commitment = {request.committer->session(), request.committer->Close()};
  session.SetCommitter(nullptr);
  if (request.logits && completion.finish != FinishReason::kInterrupted) {
    BITNET_RETURN_IF_ERROR(session.Decode(id));
    (*request.logits)(session.logits());
  }
  return completion;
}

}  // namespace bitnet
