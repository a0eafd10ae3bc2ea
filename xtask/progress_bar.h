// A progress bar on a terminal's stderr.

#ifndef XTASK_PROGRESS_BAR_H_
#define XTASK_PROGRESS_BAR_H_

#include <cstdint>
#include <string_view>

namespace bitnet::xtask {

// Draws "write  [#####.....]  52%   617 / 1188 M weights" over itself, once per percent; another label begins another
// line. Ends its line when it goes out of scope. Not thread-safe.
class ProgressBar {
 public:
  // `unit` follows the counts, which are shown in millions.
  ProgressBar(bool shown, bool color, std::string_view unit) : shown_(shown), color_(color), unit_(unit) {}
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `label` must outlive the bar; total > 0.
  void Update(std::string_view label, uint64_t done, uint64_t total);

 private:
  const bool shown_;
  const bool color_;
  const std::string_view unit_;
  std::string_view label_;
  int percent_ = -1;
};

}  // namespace bitnet::xtask

#endif  // XTASK_PROGRESS_BAR_H_
