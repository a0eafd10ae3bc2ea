// L0-KID-REG (RS-012): the registry is closed. An id that no kernel of ours has was not written by a recorder.

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "verify/rules/kernel_id.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckKidReg(const AuditInput& input) {
  if (input.receipt().kernels_size() == 0) return Missing("/kernels names no kernel");
  const auto ids = AllKernelIds(input.receipt());
  for (const auto& [path, id] : ids) {
    const std::string quoted = absl::StrCat(path, " is \"", absl::CHexEscape(id), "\"");
    if (const std::string word = ForbiddenWord(id); !word.empty()) {
      return Fail(absl::StrCat(quoted, "; no kernel may be named with \"", word, "\""));
    }
    const bool op = absl::StartsWith(path, "/kernels");
    if (op ? !FindOp(id).has_value() : !FindKernel(id).has_value()) {
      return Fail(absl::StrCat(quoted, ", which is not in the catalog of ", op ? "operations" : "kernels"));
    }
  }
  return Pass(ids.size(), absl::StrCat(ids.size(), " ids are in the catalog"));
}

}  // namespace bitnet::verify
