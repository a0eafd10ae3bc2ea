// L1-TESTS (RS-138): test_results are the known-answer tests that ran before the model did, one per kernel that
// dispatch could choose. A program that fails one does not run, so there is no receipt with a failure.

#include "absl/strings/str_cat.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckTests(const AuditInput& input) {
  RuleFacts facts(input);
  const uint64_t total = facts.Uint("/test_results/total_tests");
  facts.ExpectEqual("/test_results/passed", facts.Uint("/test_results/passed"), total, "as total_tests");
  facts.ExpectEqual("/test_results/failed", facts.Uint("/test_results/failed"), 0, "for a failing kernel does not run");
  return facts.Result(absl::StrCat(total, " known-answer tests passed"));
}

}  // namespace bitnet::verify
