// L1-COUNT (RS-110): evidence.kernel_counts is exactly the work that the architecture and the schedule imply.
//
// The engine counts what its dispatchers ran; this computes what must have run. A receipt typed by hand, a run with
// fewer layers, another kernel than dispatch would choose, a prompt that was not computed: each changes a number here.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {
namespace {

constexpr std::string_view kWhy = "what architecture, schedule and instruction sets imply";

void CompareWork(const KernelClaim& claim, const WorkCount& expected, RuleFacts& facts) {
  const auto path = [&](std::string_view member) { return absl::StrCat(claim.path, member, " of ", claim.info->id); };
  facts.ExpectEqual(path("/calls"), claim.work.calls, expected.calls, kWhy);
  facts.ExpectEqual(path("/rows"), claim.work.rows, expected.rows, kWhy);
  facts.ExpectEqual(path("/macs"), claim.work.macs, expected.macs, kWhy);
  facts.ExpectEqual(path("/bytes"), claim.work.bytes, expected.bytes, kWhy);
}

// The rows of the head that screening leaves follow from values, so the receipt says how many; each row of logits has
// one at least and the vocabulary at most. All else about them is implied.
void ExpectPossible(const HeadScreening& screening, const RunFacts& run, RuleFacts& facts) {
  if (!screening.screened) return;
  uint64_t rows = 0;
  for (const ScheduleEntry& entry : run.schedule) rows += ScreensLogits(entry) ? entry.steps * entry.logit_rows : 0;
  const std::string what = "rows of the head that screening left, by the MACs of its kernel";
  facts.ExpectAtMost(what, screening.head_rows, SaturatingProduct(rows, run.arch.vocab),
                     "the vocabulary for every row of logits that chooses a token");
  facts.Expect(screening.head_rows >= rows, [&] {
    return absl::StrCat(what, " are ", screening.head_rows, "; expected at least ", rows,
                        ", one for every row of logits that chooses a token");
  });
}

}  // namespace

CheckResult CheckCount(const AuditInput& input) {
  RuleFacts facts(input);
  const RunFacts run = ReadRun(facts);
  const std::vector<KernelClaim> claims = ReadKernelClaims(facts);
  if (!facts.ok()) return facts.Result("");

  const HeadScreening screening = ReadScreening(run, claims);
  ExpectPossible(screening, run, facts);
  const WorkTable expected = ImpliedWork(run, screening);
  std::set<KernelId> claimed;
  for (const KernelClaim& claim : claims) {
    const KernelId kernel = claim.info->kernel;
    facts.Expect(claimed.empty() || *claimed.rbegin() < kernel, [&] {
      return absl::StrCat(claim.path, "/id is \"", claim.info->id,
                          "\"; expected each kernel once, in the order of the catalog");
    });
    claimed.insert(kernel);
    CompareWork(claim, expected[static_cast<int>(kernel)], facts);
    facts.Expect(expected[static_cast<int>(kernel)].calls > 0, [&] {
      return absl::StrCat(claim.path, "/id is \"", claim.info->id, "\", which this run never calls; expected no entry");
    });
  }
  for (const KernelInfo& info : KernelTable()) {
    const uint64_t calls = expected[static_cast<int>(info.kernel)].calls;
    if (calls == 0) continue;
    facts.Expect(claimed.contains(info.kernel), [&] {
      return absl::StrCat("/evidence/kernel_counts has no ", info.id, "; expected ", calls, " calls of it");
    });
  }
  return facts.Result(absl::StrCat("counts of ", claims.size(), " kernels are exactly what ", run.prompt, "+",
                                   run.generated, " tokens on ", run.arch.layers, " layers imply"));
}

}  // namespace bitnet::verify
