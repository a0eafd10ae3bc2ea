#include "xtask/progress_bar.h"

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace bitnet::xtask {

ProgressBar::~ProgressBar() {
  if (percent_ >= 0) std::fputc('\n', stderr);
}

void ProgressBar::Update(std::string_view label, uint64_t done, uint64_t total) {
  const int percent = static_cast<int>(done * 100 / total);
  if (!shown_ || (percent == percent_ && label == label_)) return;
  if (percent_ >= 0 && label != label_) std::fputc('\n', stderr);
  percent_ = percent;
  label_ = label;
  constexpr int kCells = 40;
  constexpr uint64_t kMega = 1'000'000;
  const int full = percent * kCells / 100;
  std::string bar = std::string(full, '#') + std::string(kCells - full, '.');
  if (color_) bar = absl::StrFormat("\033[32m%s\033[0m%s", bar.substr(0, full), bar.substr(full));
  const std::string shown_label = label.empty() ? "" : absl::StrFormat("%-7s", label);
  std::fputs(
      absl::StrFormat("\r%s[%s] %3d%% %6d / %d %s", shown_label, bar, percent, done / kMega, total / kMega, unit_)
          .c_str(),
      stderr);
  std::fflush(stderr);
}

}  // namespace bitnet::xtask
