// L0-LEGACY (RS-015): what readers of schema 1.0.0 ask of a CPU receipt: at least one quantized kernel.

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckLegacy(const AuditInput& input) {
  const receipt::Receipt& receipt = input.receipt();
  if (!receipt.has_backend()) return Missing("/backend is absent");
  if (receipt.backend() != "cpu") return NotApplicable("/backend is not \"cpu\"");
  for (const std::string& id : receipt.kernels()) {
    for (const char* prefix : {"i2s_", "tl1_", "tl2_"}) {
      if (absl::StartsWith(id, prefix)) return Pass(1, absl::StrCat("/kernels has ", id));
    }
  }
  return Fail("/kernels has no id that begins with i2s_, tl1_ or tl2_: nothing quantized ran");
}

}  // namespace bitnet::verify
