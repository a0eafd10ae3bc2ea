// L0-FLAGS (RS-014): a run under switches that let it do something else, or with its model corrected on the way, is
// not a run of the model.

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "verify/rules/kernel_id.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {
namespace {

// Words between the underscores of a variable's name that switch checks off.
constexpr std::string_view kSwitchWords[] = {"allow", "bypass", "disable", "ignore", "override", "skip"};

std::string SwitchWord(std::string_view name) {
  const std::string lower = absl::AsciiStrToLower(name);
  for (const std::string_view part : absl::StrSplit(lower, '_')) {
    if (std::ranges::find(kSwitchWords, part) != std::end(kSwitchWords)) return std::string(part);
  }
  return ForbiddenWord(name);
}

}  // namespace

CheckResult CheckFlags(const AuditInput& input) {
  const receipt::Receipt& receipt = input.receipt();
  if (receipt.environment().empty()) return Missing("/environment is absent or empty");
  for (const auto& [name, value] : receipt.environment()) {
    std::string word = SwitchWord(name);
    // Only our own variables are words about us; a CPU may be called what it likes.
    if (word.empty() && absl::StartsWith(name, "BITNET_")) word = ForbiddenWord(value);
    if (!word.empty()) {
      return Fail(absl::StrCat("/environment/", absl::CHexEscape(name), " is set to \"", absl::CHexEscape(value),
                               "\"; a run under a switch with \"", word, "\" proves nothing"));
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
