#include "xtask/distinct_paths.h"

#include <filesystem>
#include <map>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace bitnet::xtask {
namespace {

// The same text for every name of a file.
std::string OneName(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) return path;
  const std::filesystem::path canonical = std::filesystem::weakly_canonical(absolute, error);
  return (error ? absolute.lexically_normal() : canonical).string();
}

}  // namespace

absl::Status CheckDistinct(const std::vector<NamedPath>& read, const std::vector<NamedPath>& written) {
  std::map<std::string, std::string> flags;  // of the files so far
  for (const NamedPath& named : read) {
    if (!named.path.empty()) flags.emplace(OneName(named.path), named.flag);
  }
  for (const NamedPath& named : written) {
    if (named.path.empty()) continue;
    const auto [it, added] = flags.emplace(OneName(named.path), named.flag);
    if (added) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(named.flag, " ", named.path, ": the same file as ", it->second, "; name another"));
  }
  return absl::OkStatus();
}

}  // namespace bitnet::xtask
