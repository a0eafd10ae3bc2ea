// L3-TARGET (RS-304): the receipt is about a model, a program and a commit that the policy asks for. An honest receipt
// of another commit is no evidence about this one.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/attest/statement.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckTarget(const AuditInput& input) {
  const Policy& policy = input.policy;
  if (policy.allowed_models.empty() && policy.allowed_builds.empty() && policy.allowed_commits.empty()) {
    return NotApplicable("the policy names no model, build or commit");
  }
  if (input.envelope == nullptr || !input.envelope->statement.ok()) return Missing("there is no statement");
  const attest::Subjects& subjects = input.envelope->statement->subjects;
  RuleFacts facts(input);
  const auto expect = [&](std::string_view name, const std::string& subject, std::string_view member,
                          const std::vector<std::string>& allowed) {
    if (allowed.empty()) return;
    facts.Expect(std::ranges::find(allowed, subject) != allowed.end(), [&] {
      return absl::StrCat("subject \"", name, "\" is ", subject, "; the policy's ", member, " has ", allowed.front(),
                          allowed.size() > 1 ? absl::StrCat(" and ", allowed.size() - 1, " more") : "");
    });
  };
  expect("model", subjects.model, "allowed_models", policy.allowed_models);
  expect("engine", subjects.engine, "allowed_builds", policy.allowed_builds);
  expect("commit", subjects.commit, "allowed_commits", policy.allowed_commits);
  return facts.Result("model, build and commit are those that the policy names");
}

}  // namespace bitnet::verify
