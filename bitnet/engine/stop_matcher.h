// StopMatcher: finds stop strings in streamed text, and keeps them from being shown.

#ifndef BITNET_ENGINE_STOP_MATCHER_H_
#define BITNET_ENGINE_STOP_MATCHER_H_

#include <string>
#include <string_view>
#include <vector>

namespace bitnet {

// Text that could still turn out to be the start of a stop string is held back. Not thread-safe.
class StopMatcher {
 public:
  // Empty stop strings are ignored.
  explicit StopMatcher(std::vector<std::string> stops);

  // Appends text and returns what is safe to show, valid until the next call. After stopped() nothing more is shown.
  std::string_view Push(std::string_view text);
  // At the end without a stop string: what was held back.
  std::string Flush();
  bool stopped() const { return stopped_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;  // what was shown last, and what is held back
  size_t shown_ = 0;  // bytes of held_
  bool stopped_ = false;
};

}  // namespace bitnet

#endif  // BITNET_ENGINE_STOP_MATCHER_H_
