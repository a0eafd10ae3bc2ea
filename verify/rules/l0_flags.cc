// L0-FLAGS (RS-014): a run under switches that let it do something else, or with its model corrected on the way, is
// not a run of the model.

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "verify/rules/kernel_id.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {
namespace {

// Variables that the engine records; whatever else is set, it does not look at and a receipt does not speak of.
constexpr std::string_view kRecorded[] = {"OS",          "CPU_BRAND",          "BITNET_VERSION", "BITNET_DETERMINISTIC",
                                          "BITNET_SEED", "BITNET_STRICT_MODE", "LD_PRELOAD"};

// What is wrong with an entry, or "".
std::string EntryError(std::string_view name, std::string_view value) {
  if (std::ranges::find(kRecorded, name) == std::end(kRecorded)) {
    return absl::StrCat("is no variable that the engine records; expected one of ", absl::StrJoin(kRecorded, ", "));
  }
  if (name == "LD_PRELOAD" && !value.empty()) {
    return "says that another program's code was loaded first; expected a run without";
  }
  if ((name == "BITNET_DETERMINISTIC" || name == "BITNET_STRICT_MODE") && value != "0" && value != "1") {
    return "is a flag; expected 0 or 1";
  }
  uint64_t seed = 0;
  if (name == "BITNET_SEED" && (!absl::SimpleAtoi(value, &seed) || absl::StrCat(seed) != value)) {
    return "is a seed; expected an integer";
  }
  // Only our own variables are words about us; a CPU may be called what it likes.
  if (name == "BITNET_VERSION") {
    if (const std::string word = ForbiddenWord(value); !word.empty()) return absl::StrCat("speaks of \"", word, "\"");
  }
  return "";
}

}  // namespace

CheckResult CheckFlags(const AuditInput& input) {
  const receipt::Receipt& receipt = input.receipt();
  if (receipt.environment().empty()) return Missing("/environment is absent or empty");
  for (const auto& [name, value] : receipt.environment()) {
    if (const std::string error = EntryError(name, value); !error.empty()) {
      return Fail(
          absl::StrCat("/environment/", absl::CHexEscape(name), " (\"", absl::CHexEscape(value), "\") ", error));
    }
  }
  if (const std::string word = ForbiddenWord(receipt.backend_summary()); !word.empty()) {
    return Fail(
        absl::StrCat("/backend_summary speaks of \"", word, "\": ", absl::CHexEscape(receipt.backend_summary())));
  }
  if (receipt.corrections_size() > 0) {
    return Fail(absl::StrCat("/corrections/0 is \"", absl::CHexEscape(receipt.corrections(0)),
                             "\"; a corrected model is another model"));
  }
  return Pass(receipt.environment().size() + 2,
              absl::StrCat(receipt.environment().size(), " environment entries, no switch, no correction"));
}

}  // namespace bitnet::verify
