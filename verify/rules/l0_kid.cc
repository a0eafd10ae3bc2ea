// L0-KID (RS-011): the grammar of kernel ids keeps look-alikes out: capitals, blanks, Cyrillic letters, zero-width
// characters and NUL bytes are all outside [a-z0-9_].

#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "verify/rules/kernel_id.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckKid(const AuditInput& input) {
  if (input.receipt().kernels_size() == 0) return Missing("/kernels names no kernel");
  const auto ids = AllKernelIds(input.receipt());
  absl::flat_hash_set<std::pair<bool, std::string_view>> seen;  // {in kernels[], id}
  for (const auto& [path, id] : ids) {
    if (!IsWellFormedKernelId(id)) {
      return Fail(absl::StrCat(path, " is \"", absl::CHexEscape(id),
                               "\"; expected 3 to 64 of a-z, 0-9 and single underscores, a letter first"));
    }
    if (!seen.emplace(absl::StartsWith(path, "/kernels"), id).second) {
      return Fail(absl::StrCat(path, " repeats \"", id, "\"; every id is listed once"));
    }
  }
  return Pass(ids.size(), absl::StrCat(ids.size(), " ids are well formed"));
}

}  // namespace bitnet::verify
