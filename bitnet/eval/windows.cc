#include "bitnet/eval/windows.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace bitnet {
namespace {

// Predictions are numbered from the first that a sequence makes; a window makes those of [begin, end).
std::vector<Window> Sliding(size_t predictions, const WindowOptions& options) {
  std::vector<Window> windows;
  size_t done = 0;
  for (size_t begin = 0; done < predictions; begin += options.stride) {
    const size_t end = std::min(begin + options.context, predictions);
    windows.push_back({.bos = options.bos,
                       .begin = begin,
                       .end = options.bos ? end - 1 : end,  // bos takes the place of the last token in making them
                       .first_scored = done - begin});
    done = end;
  }
  return windows;
}

std::vector<Window> LlamaCpp(size_t tokens, const WindowOptions& options) {
  std::vector<Window> windows;
  const size_t chunks = (tokens + (options.bos ? 1 : 0)) / options.context;
  for (size_t i = 0; i < chunks; ++i) {
    // The last token of a chunk is predicted, not fed; with bos one more place is taken.
    windows.push_back({.bos = options.bos,
                       .begin = i * options.context,
                       .end = (i + 1) * options.context - (options.bos ? 2 : 1),
                       .first_scored = options.context / 2});
  }
  return windows;
}

}  // namespace

std::string_view WindowMethodName(WindowMethod method) {
  return method == WindowMethod::kSliding ? "sliding" : "llamacpp";
}

absl::StatusOr<std::vector<Window>> PlanWindows(size_t tokens, const WindowOptions& options) {
  const bool sliding = options.method == WindowMethod::kSliding;
  const size_t smallest = sliding ? 1 : 3;  // half of a chunk must leave one prediction
  if (options.context < smallest) {
    return absl::InvalidArgumentError(
        absl::StrCat("context: expected at least ", smallest, " positions, got ", options.context));
  }
  if (sliding && (options.stride < 1 || options.stride > options.context)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "stride: expected 1..", options.context, ", the context, so that no token is left out, got ", options.stride));
  }
  const size_t predictions = options.bos ? tokens : std::max<size_t>(tokens, 1) - 1;
  std::vector<Window> windows = sliding ? Sliding(predictions, options) : LlamaCpp(tokens, options);
  if (windows.empty()) {
    const size_t needed = sliding ? 2 : options.context;
    return absl::InvalidArgumentError(absl::StrCat("no token to score: expected a text of at least ",
                                                   needed - (options.bos ? 1 : 0), " tokens, got ", tokens,
                                                   "; give a longer text", sliding ? "" : " or a smaller context"));
  }
  return windows;
}

}  // namespace bitnet
