#include "verify/printable.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace bitnet::verify {

std::string Printable(std::string_view text) {
  constexpr size_t kMaxBytes = 1000;
  std::string line;
  for (const char c : text) {
    if (line.size() >= kMaxBytes) return absl::StrCat(line, "...");
    if (absl::ascii_isprint(static_cast<unsigned char>(c))) {
      line.push_back(c);
    } else {
      absl::StrAppend(&line, "\\x", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return line;
}

}  // namespace bitnet::verify
