// L2-PASSES (RS-204): the passes in the commitment file hash to the observed root, are those of the schedule, made the
// calls that the receipt counts, and fit into the times that it tells.

#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/base/sha256.h"
#include "bitnet/commitment/commitment_file.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {
namespace {

// Pass by pass against the runs of equal steps. What was kept of a pass, the beginning of the next one says, or the end
// of the positions committed to.
void ExpectSchedule(const std::vector<ObservedLeaf>& passes, uint64_t end, const std::vector<ScheduleEntry>& schedule,
                    RuleFacts& facts) {
  size_t index = 0;
  for (const ScheduleEntry& entry : schedule) {
    for (uint64_t step = 0; step < entry.steps && index < passes.size(); ++step, ++index) {
      const ObservedLeaf& pass = passes[index];
      const uint64_t next = index + 1 < passes.size() ? passes[index + 1].first_position : end;
      const uint64_t kept = next - pass.first_position;
      facts.Expect(pass.kind == entry.kind && pass.rows == entry.rows && pass.logit_rows == entry.logit_rows &&
                       kept == entry.kept_rows(),
                   [&] {
                     return absl::StrCat("commitment, pass ", index, ": ", pass.rows, " rows, ", pass.logit_rows,
                                         " with logits, ", kept, " kept; the schedule has ", entry.rows, ", ",
                                         entry.logit_rows, " and ", entry.kept_rows(), " there");
                   });
    }
  }
}

bool IsChoice(Op op) { return op == Op::kArgmax || op == Op::kSample; }

// Choices from the last pass come after it and are in none, one for each row that it kept; a prefill pass is chosen
// from once.
uint64_t ChoicesAfter(const std::vector<ScheduleEntry>& schedule) {
  const bool decode = !schedule.empty() && schedule.back().kind == StepKind::kDecode;
  return decode ? schedule.back().kept_rows() : 1;
}

// Every call but those choices is in a pass.
void ExpectCalls(const std::vector<ObservedLeaf>& passes, uint64_t choices_after,
                 const std::vector<KernelClaim>& claims, RuleFacts& facts) {
  std::array<uint64_t, kKernelCount> calls = {};
  bool known = true;
  for (const ObservedLeaf& pass : passes) {
    for (const ObservedLeaf::Calls& kernel : pass.calls) {
      known &= kernel.kernel < calls.size();
      if (kernel.kernel < calls.size()) calls[kernel.kernel] += kernel.calls;
    }
  }
  facts.Expect(known, [] { return std::string("commitment: a pass calls a kernel that the catalog does not have"); });
  uint64_t counted = 0;
  for (const KernelClaim& claim : claims) {
    const uint64_t outside = IsChoice(claim.info->op) ? choices_after : 0;
    const uint64_t inside = calls[static_cast<size_t>(claim.info->kernel)];
    counted += inside;
    facts.ExpectEqual(absl::StrCat(claim.path, "/calls"), claim.work.calls, inside + outside,
                      "calls in the passes of the commitment file");
  }
  uint64_t all = 0;
  for (const uint64_t count : calls) all += count;
  facts.Expect(counted == all, [&] {
    return absl::StrCat("commitment: ", all, " calls in all passes; expected ", counted,
                        ", those of the kernels that the receipt counts");
  });
}

}  // namespace

CheckResult CheckPasses(const AuditInput& input) {
  if (!input.artifacts.commitment) return NotApplicable("no commitment file was given");
  const std::vector<ObservedLeaf>& passes = input.artifacts.commitment->observed;
  RuleFacts facts(input);
  const CommitmentRoots roots = RootsOf(*input.artifacts.commitment);
  facts.ExpectEqual("/evidence/trace/observed_root", facts.Text("/evidence/trace/observed_root"),
                    ToHex(roots.observed_root));
  facts.ExpectEqual("/evidence/trace/observed_size", facts.Uint("/evidence/trace/observed_size"), passes.size(),
                    "passes in the commitment file");
  const std::vector<ScheduleEntry> schedule = ReadSchedule(facts);
  const std::vector<KernelClaim> claims = ReadKernelClaims(facts);
  const uint64_t prefill_ns = facts.Uint("/evidence/timing/prefill_ns");
  const uint64_t decode_ns = facts.Uint("/evidence/timing/decode_ns");
  if (!facts.ok()) return facts.Result("");

  const std::vector<NumericsLeaf>& positions = input.artifacts.commitment->numerics;
  ExpectSchedule(passes, positions.empty() ? 0 : positions.back().position + uint64_t{1}, schedule, facts);
  ExpectCalls(passes, ChoicesAfter(schedule), claims, facts);
  uint64_t spent[2] = {0, 0};
  for (const ObservedLeaf& pass : passes) spent[static_cast<int>(pass.kind)] += pass.end_ns - pass.begin_ns;
  facts.ExpectAtMost("passes of prefill in the commitment file, ns", spent[0], prefill_ns,
                     "/evidence/timing/prefill_ns");
  facts.ExpectAtMost("passes of decode in the commitment file, ns", spent[1], decode_ns, "/evidence/timing/decode_ns");
  return facts.Result(absl::StrCat(passes.size(), " passes as scheduled, ", claims.size(), " kernels as counted"));
}

}  // namespace bitnet::verify
