#include "bitnet/eval/perplexity.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/eval/log_likelihood.h"

namespace bitnet {
namespace {

// Feeds one window and appends what its scored rows say about their targets.
absl::Status ScoreWindow(Session& session, std::span<const TokenId> text, const Window& window,
                         const std::atomic<bool>* cancelled, std::vector<double>& token_nll) {
  std::vector<TokenId> ids;
  if (window.bos) ids.push_back(*session.model().tokenizer.bos());
  ids.insert(ids.end(), text.begin() + static_cast<ptrdiff_t>(window.begin),
             text.begin() + static_cast<ptrdiff_t>(window.end));
  session.Reset();
  const std::span<const TokenId> all(ids);
  // Logits of rows that are only context are not computed.
  if (window.first_scored > 0) {
    BITNET_RETURN_IF_ERROR(session.Prefill(all.first(window.first_scored), cancelled));
  }
  size_t row = window.first_scored;
  return session.Prefill(
      all.subspan(window.first_scored),
      [&](std::span<const float> logits) {
        token_nll.push_back(NegativeLogLikelihood(logits, static_cast<size_t>(text[window.Target(row)])));
        ++row;
      },
      cancelled);
}

absl::Status CheckText(const Session& session, std::span<const TokenId> text, const WindowOptions& options) {
  if (options.bos && !session.model().tokenizer.bos()) {
    return absl::InvalidArgumentError("the model's file names no beginning-of-text token; use --no-bos");
  }
  if (options.context > static_cast<size_t>(session.capacity())) {
    return absl::InvalidArgumentError(
        absl::StrCat("context: expected at most ", session.capacity(), " positions, got ", options.context));
  }
  const uint64_t vocab = session.model().config.shape.vocab;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] < 0 || static_cast<uint64_t>(text[i]) >= vocab) {
      return absl::InvalidArgumentError(
          absl::StrCat("token ", i, ": expected an id in 0..", vocab - 1, ", got ", text[i]));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PerplexityResult> ComputePerplexity(Session& session, std::span<const TokenId> text,
                                                   const WindowOptions& options, size_t max_windows,
                                                   const std::atomic<bool>* cancelled, PerplexityProgress progress) {
  BITNET_RETURN_IF_ERROR(CheckText(session, text, options));
  BITNET_ASSIGN_OR_RETURN(std::vector<Window> windows, PlanWindows(text.size(), options));
  windows.resize(std::min(windows.size(), max_windows));
  if (windows.empty()) return absl::InvalidArgumentError("no token to score: expected at least one window, got 0");
  PerplexityResult result;
  for (const Window& window : windows) {
    BITNET_RETURN_IF_ERROR(ScoreWindow(session, text, window, cancelled, result.token_nll));
    for (size_t row = window.first_scored; row < window.rows(); ++row) {
      BITNET_ASSIGN_OR_RETURN(const std::string bytes,
                              session.model().tokenizer.TokenBytes(text[window.Target(row)], /*special=*/false));
      result.bytes += bytes.size();
    }
    result.fed += window.rows();
    ++result.windows;
    progress(result.windows, windows.size(), Mean(result.token_nll));
  }
  result.scored = result.token_nll.size();
  result.context = result.fed - result.scored;
  result.nll = Mean(result.token_nll);
  result.perplexity = std::exp(result.nll);
  result.nll_interval = ConfidenceInterval(result.token_nll);
  const double highest = result.nll_interval ? result.nll_interval->high : result.nll;
  if (!std::isfinite(std::exp(highest))) {
    return absl::DataLossError(absl::StrCat("the perplexity is beyond binary64: ", result.nll, " nats per token"));
  }
  return result;
}

}  // namespace bitnet
