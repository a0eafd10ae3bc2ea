#include "bitnet/engine/prompt_lookup.h"

#include <algorithm>

#include "absl/log/check.h"

namespace bitnet {
namespace {

// A single token that came before says little about what follows it. Runs are compared up to the longer length, beyond
// which the latest place is taken.
constexpr int64_t kShortestRun = 2;
constexpr int64_t kLongestRun = 8;

// Tokens before `end` in `history` that equal those at its end, up to kLongestRun.
int64_t RunLength(std::span<const TokenId> history, size_t end) {
  int64_t length = 0;
  while (length < kLongestRun && static_cast<size_t>(length) < end &&
         history[end - 1 - static_cast<size_t>(length)] == history[history.size() - 1 - static_cast<size_t>(length)]) {
    ++length;
  }
  return length;
}

// Where what follows the longest run begins, the latest of equals; 0: nowhere.
size_t FindContinuation(std::span<const TokenId> history) {
  size_t best = 0;
  int64_t longest = kShortestRun - 1;
  for (size_t end = history.empty() ? 0 : history.size() - 1; end > 0 && longest < kLongestRun; --end) {
    if (history[end - 1] != history.back()) continue;
    const int64_t length = RunLength(history, end);
    if (length > longest) {
      longest = length;
      best = end;
    }
  }
  return best;
}

}  // namespace

PromptLookup::PromptLookup(int64_t max_draft) : account_(static_cast<uint64_t>(max_draft)) {
  CHECK_GE(max_draft, 0);
  draft_.reserve(static_cast<size_t>(max_draft));
}

std::span<const TokenId> PromptLookup::Draft(std::span<const TokenId> history, int64_t limit) {
  draft_.clear();
  const int64_t count = std::min(limit, static_cast<int64_t>(account_.Limit()));
  if (count <= 0) return {};
  const size_t begin = FindContinuation(history);
  if (begin == 0) return {};
  // A run that repeats at once goes on with what is being drafted.
  for (size_t i = begin; draft_.size() < static_cast<size_t>(count); ++i) {
    draft_.push_back(i < history.size() ? history[i] : draft_[i - history.size()]);
  }
  return draft_;
}

void PromptLookup::OnPass(int64_t rows, int64_t kept) {
  account_.OnPasses(1, static_cast<uint64_t>(rows), static_cast<uint64_t>(kept));
}

}  // namespace bitnet
