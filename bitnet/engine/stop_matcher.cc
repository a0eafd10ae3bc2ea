#include "bitnet/engine/stop_matcher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"

namespace bitnet {
namespace {

// Of stop strings and one token: more than usual, so that a token allocates nothing.
constexpr size_t kUsualTextBytes = 1024;

}  // namespace

StopMatcher::StopMatcher(std::vector<std::string> stops) : stops_(std::move(stops)) {
  std::erase_if(stops_, [](const std::string& stop) { return stop.empty(); });
  held_.reserve(kUsualTextBytes);
}

std::string_view StopMatcher::Push(std::string_view text) {
  held_.erase(0, std::exchange(shown_, 0));
  if (stopped_) return "";
  held_.append(text);
  size_t first = std::string::npos;
  for (const std::string& stop : stops_) first = std::min(first, held_.find(stop));
  if (first != std::string::npos) {
    stopped_ = true;
    held_.resize(first);
    shown_ = first;
    return held_;
  }
  // Hold back the longest tail that is a proper prefix of a stop string.
  size_t keep = 0;
  for (const std::string& stop : stops_) {
    for (size_t n = std::min(stop.size() - 1, held_.size()); n > keep; --n) {
      if (absl::EndsWith(held_, std::string_view(stop).substr(0, n))) keep = n;
    }
  }
  shown_ = held_.size() - keep;
  return std::string_view(held_).substr(0, shown_);
}

std::string StopMatcher::Flush() {
  std::string rest = held_.substr(std::exchange(shown_, 0));
  held_.clear();
  return rest;
}

}  // namespace bitnet
