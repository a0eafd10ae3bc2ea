#include "xtask/input.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace bitnet::xtask {
namespace {

constexpr size_t kPiece = 64 * 1024;
constexpr char kNext[] = "; name a file that can be read, or - for standard input";

absl::StatusOr<std::string> ReadStream(std::FILE* file, const std::string& name, size_t limit) {
  std::string bytes;
  size_t got = kPiece;
  while (got == kPiece) {
    const size_t size = bytes.size();
    bytes.resize(size + kPiece);
    got = std::fread(bytes.data() + size, 1, kPiece, file);
    bytes.resize(size + got);
    if (bytes.size() > limit) {
      return absl::ResourceExhaustedError(absl::StrCat(name, ": expected at most ", limit, " bytes, got more"));
    }
  }
  if (std::ferror(file) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read ", name, ": ", std::strerror(errno), kNext));
  }
  return bytes;
}

}  // namespace

absl::StatusOr<std::string> ReadInput(const std::string& path, size_t limit) {
  if (path == "-") return ReadStream(stdin, "standard input", limit);
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) {
    return absl::Status(absl::ErrnoToStatusCode(errno),
                        absl::StrCat("cannot open ", path, ": ", std::strerror(errno), kNext));
  }
  absl::StatusOr<std::string> bytes = ReadStream(file, path, limit);
  std::fclose(file);
  return bytes;
}

}  // namespace bitnet::xtask
