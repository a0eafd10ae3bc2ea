#include "verify/text_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace bitnet::verify {
namespace {

constexpr char kNext[] = "; name a file that can be read, or - for standard input";

}  // namespace

absl::StatusOr<std::string> ReadTextFile(const std::string& path, size_t max_bytes) {
  std::FILE* file = path == "-" ? stdin : std::fopen(path.c_str(), "rbe");
  if (file == nullptr) {
    return absl::NotFoundError(absl::StrCat("cannot open ", path, ": ", std::strerror(errno), kNext));
  }
  std::string text(max_bytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  const int failure = std::ferror(file) != 0 ? errno : 0;
  if (file != stdin) std::fclose(file);
  if (failure != 0) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read ", path, ": ", std::strerror(failure), kNext));
  }
  return text;
}

}  // namespace bitnet::verify
