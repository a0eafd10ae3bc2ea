#include "bitnet/engine/generate.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/engine/stop_matcher.h"
#include "bitnet/kernels/sample/sample.h"

namespace bitnet {
namespace {

absl::Status CheckRequest(const Session& session, const GenerateRequest& request) {
  BITNET_RETURN_IF_ERROR(request.sampling.Validate());
  if (request.max_tokens < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("tokens to generate: expected at least 1, got ", request.max_tokens));
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

// Which logits the choices of a request look at. Masked tokens are among the largest at worst, and a commitment has the
// two largest of every row.
LogitsKept LogitsThatMatter(const Session& session, const GenerateRequest& request) {
  const CandidateBound bound = BoundCandidates(request.sampling);
  if (request.logits || bound.largest == 0) return {};
  const size_t masked = request.ignore_eos ? session.model().tokenizer.end_of_generation_ids().size() : 0;
  return {.largest = std::max<int64_t>(2, bound.largest + static_cast<int64_t>(masked)), .within = bound.within};
}

// Chooses tokens from the session's logits; position and history make sampling a pure function of the sequence.
// With ignore_eos, end-of-generation tokens are no candidates.
class Chooser {
 public:
  Chooser(Session& session, const GenerateRequest& request)
      : session_(session), sampler_(request.sampling), ignore_eos_(request.ignore_eos), history_(request.prompt) {
    history_.reserve(history_.size() + static_cast<size_t>(request.max_tokens));
  }

  TokenId Next() {
    KernelContext& context = session_.context();
    Committer* const committer = session_.committer();
    const TopTwo top = committer == nullptr ? TopTwo() : TopTwoOf(session_.logits());  // before anything is masked
    if (ignore_eos_) session_.MaskLogits(session_.model().tokenizer.end_of_generation_ids());
    const bool plain = sampler_.params().IsArgmax();
    const TokenId id = plain ? Argmax(context, session_.logits())
                             : Sample(context, sampler_, session_.logits(), history_, history_.size());
    if (committer != nullptr) committer->OnChoice(session_.position() - 1, top, id);
    history_.push_back(id);
    return id;
  }

 private:
  Session& session_;
  const Sampler sampler_;
  const bool ignore_eos_;
  std::vector<TokenId> history_;
};

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
  session.KeepLogits(LogitsThatMatter(session, request));
  const absl::Cleanup detach = [&session] {
    session.SetCommitter(nullptr);
    session.KeepLogits({});
  };
  Chooser chooser(session, request);
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
  TokenId id = chooser.Next();
  const uint64_t first_token = NowNs();
  completion.prefill_ns = first_token - start;
  completion.recorded_prefill = session.recorder();
  BITNET_ASSIGN_OR_RETURN(bool done, finished(id));
  while (!done) {
    if (Cancelled(request)) {
      completion.finish = FinishReason::kInterrupted;
      break;
    }
    BITNET_RETURN_IF_ERROR(session.Decode(id));
    if (request.logits) (*request.logits)(session.logits());
    id = chooser.Next();
    BITNET_ASSIGN_OR_RETURN(done, finished(id));
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
