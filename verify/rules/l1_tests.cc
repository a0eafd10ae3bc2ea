// L1-TESTS (RS-138): test_results are the known-answer tests that ran before the model did, one per kernel that
// dispatch could choose. A program that fails one does not run, so there is no receipt with a failure.

#include <set>

#include "absl/strings/str_cat.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {
namespace {

// The kernels for one row and for more. Spans compute nothing themselves.
uint64_t KernelsToTest(IsaSet isa) {
  std::set<KernelId> kernels;
  for (int i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    if (!IsSpan(op)) kernels.insert({SelectKernel(op, 1, isa), SelectKernel(op, 2, isa)});
  }
  return kernels.size();
}

}  // namespace

CheckResult CheckTests(const AuditInput& input) {
  RuleFacts facts(input);
  const uint64_t total = facts.Uint("/test_results/total_tests");
  const uint64_t passed = facts.Uint("/test_results/passed");
  const uint64_t failed = facts.Uint("/test_results/failed");
  const IsaSet isa = ReadIsaSet(facts, "/evidence/host/isa_used");
  if (!facts.ok()) return facts.Result("");

  facts.ExpectEqual("/test_results/total_tests", total, KernelsToTest(isa), "the kernels that dispatch could choose");
  facts.ExpectEqual("/test_results/passed", passed, total, "as total_tests");
  facts.ExpectEqual("/test_results/failed", failed, 0, "for a failing kernel does not run");
  return facts.Result(absl::StrCat(total, " known-answer tests passed"));
}

}  // namespace bitnet::verify
