// L3-SUBJECT (RS-303): the statement's subjects are those of the receipt that it carries, so that a signature cannot be
// shown for another receipt, model, program or commit.

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "bitnet/attest/statement.h"
#include "bitnet/base/sha256.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckSubject(const AuditInput& input) {
  if (input.envelope == nullptr || !input.envelope->statement.ok()) return Missing("there is no statement");
  const attest::Subjects& subjects = input.envelope->statement->subjects;
  RuleFacts facts(input);
  const auto expect = [&](std::string_view name, const std::string& subject, std::string_view what,
                          std::string_view expected) {
    facts.Expect(subject == expected, [&] {
      return absl::StrCat("subject \"", name, "\" is ", subject, "; expected ", what, ", ", expected);
    });
  };
  expect("receipt", subjects.receipt, "the SHA-256 of the receipt in the envelope",
         ToHex(Sha256Of(input.envelope->receipt_text())));
  expect("model", subjects.model, "its /evidence/model/file_sha256", facts.Text("/evidence/model/file_sha256"));
  expect("engine", subjects.engine, "its /evidence/build/exe_sha256", facts.Text("/evidence/build/exe_sha256"));
  expect("commit", subjects.commit, "its /evidence/build/git_commit", facts.Text("/evidence/build/git_commit"));
  return facts.Result(absl::StrCat("receipt ", subjects.receipt, ", commit ", subjects.commit));
}

}  // namespace bitnet::verify
