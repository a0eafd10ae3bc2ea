#include "bitnet/engine/replay.h"

#include <limits>

#include "absl/cleanup/cleanup.h"
#include "absl/log/check.h"
#include "absl/status/status.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/engine/chooser.h"
#include "bitnet/engine/committer.h"
#include "bitnet/kernels/sample/sample.h"

namespace bitnet {
namespace {

// Chooses as Generate does, but from logits that are not the session's to change.
class Rechooser {
 public:
  Rechooser(Session& session, const ReplayRequest& request)
      : session_(session), request_(request), sampler_(request.sampling), history_(request.prompt) {
    history_.reserve(request.prompt.size() + request.output.size());
  }

  // The choice after history(), which then grows by the token that the run says it chose.
  TokenId Next(std::span<const float> logits, TokenId said) {
    std::span<const float> candidates = logits;
    if (request_.ignore_eos) {
      masked_.assign(logits.begin(), logits.end());
      for (TokenId id : session_.model().tokenizer.end_of_generation_ids()) {
        masked_[static_cast<size_t>(id)] = -std::numeric_limits<float>::infinity();
      }
      candidates = masked_;
    }
    KernelContext& context = session_.context();
    const TokenId id = sampler_.params().IsArgmax() ? Argmax(context, candidates)
                                                    : Sample(context, sampler_, candidates, history_, history_.size());
    history_.push_back(said);
    return id;
  }

 private:
  Session& session_;
  const ReplayRequest& request_;
  const Sampler sampler_;
  std::vector<TokenId> history_;
  std::vector<float> masked_;
};

}  // namespace

absl::StatusOr<Replayed> Replay(Session& session, const ReplayRequest& request) {
  CHECK_EQ(session.position(), 0);
  if (request.prompt.empty() || request.output.empty()) {
    return absl::InvalidArgumentError("nothing to replay: a run has at least one prompt and one output token");
  }
  BITNET_RETURN_IF_ERROR(request.sampling.Validate());
  const uint64_t start = NowNs();
  std::vector<TokenId> ids = request.prompt;
  ids.insert(ids.end(), request.output.begin(), request.output.end() - 1);

  Committer committer(session.model().config.shape, request.session, session.context().pool, /*keep=*/true);
  session.SetCommitter(&committer);
  if (request.screen) {
    session.KeepLogits(LogitsThatMatter(session.model().tokenizer, request.sampling, request.ignore_eos));
  }
  const absl::Cleanup detach = [&session] {
    session.SetCommitter(nullptr);
    session.KeepLogits({});
  };
  Rechooser rechooser(session, request);
  Replayed replayed;
  size_t index = 0;
  const auto choose = [&](std::span<const float> logits) {
    const TokenId said = request.output[index];
    committer.OnChoice(static_cast<int64_t>(request.prompt.size() - 1 + index), TopTwoOf(logits), said);
    const TokenId expected = rechooser.Next(logits, said);
    if (expected != said && !replayed.wrong_choice) replayed.wrong_choice = {index, expected, said};
    ++index;
  };
  BITNET_RETURN_IF_ERROR(session.PrefillFrom(ids, request.prompt.size() - 1, choose, request.cancelled));
  replayed.roots = committer.Close();
  replayed.commitment = committer.commitment();
  replayed.ns = NowNs() - start;
  return replayed;
}

}  // namespace bitnet
