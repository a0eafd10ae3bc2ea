// L1-EOS (RS-114): generation stops at the first end-of-generation token, and finish_reason says so. Padding the
// output with such tokens would count work that answers nothing.

#include <string>

#include "absl/strings/str_cat.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckEos(const AuditInput& input) {
  RuleFacts facts(input);
  const uint64_t count = facts.Uint("/evidence/tokens/eos_count");
  const bool terminal = facts.Bool("/evidence/tokens/terminal_eos");
  const std::string_view finish = facts.Text("/evidence/outcome/finish_reason");
  facts.ExpectEqual("/evidence/tokens/eos_count", count, terminal ? 1 : 0,
                    "for only the last token may end the generation (terminal_eos)");
  facts.Expect(finish == "length" || finish == "eos" || finish == "stop", [&] {
    return absl::StrCat("/evidence/outcome/finish_reason is \"", finish,
                        "\"; expected \"length\", \"eos\" or \"stop\"");
  });
  facts.Expect((finish == "eos") == terminal, [&] {
    return absl::StrCat("/evidence/outcome/finish_reason is \"", finish, "\" with terminal_eos ", terminal,
                        "; expected \"eos\" exactly when the last token is one");
  });
  const bool masked = facts.Bool("/evidence/sampling/eog_masked");
  facts.Expect(!masked || !terminal, [] {
    return std::string("terminal_eos is true, and eog_masked says that no end-of-generation token was a candidate");
  });
  return facts.Result(absl::StrCat(count, " end-of-generation tokens, finish_reason \"", finish, "\""));
}

}  // namespace bitnet::verify
