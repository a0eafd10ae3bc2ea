// L1-OUTER (RS-152): everything that the receipt claims to have lasted fits into the time that the auditor measured
// around the program, by its own clock. Longer claims are false. Shorter ones leave a part that the receipt does not
// explain; by that much a run could have been called faster than it was, and a policy may say how much is too much.

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {
namespace {

double Seconds(uint64_t ns) { return static_cast<double>(ns) / 1e9; }

// What a benchmark says of its repetitions together; 0 without any.
uint64_t SumOfSamples(RuleFacts& facts, size_t samples) {
  uint64_t sum = 0;
  for (size_t i = 0; i < samples; ++i) {
    for (const char* phase : {"prefill_ns", "decode_ns"}) {
      sum = SaturatingSum(sum, facts.Uint(absl::StrCat("/evidence/perf/samples/", i, "/", phase)));
    }
  }
  return sum;
}

}  // namespace

CheckResult CheckOuter(const AuditInput& input) {
  if (!input.artifacts.launch) return NotApplicable("the auditor launched nothing");
  const uint64_t outer = input.artifacts.launch->outer_ns;
  RuleFacts facts(input);
  const uint64_t wall = facts.Uint("/evidence/timing/wall_ns");
  const uint64_t load = facts.Uint("/evidence/timing/load_ns");
  const uint64_t generated = facts.Uint("/evidence/tokens/generated");
  const size_t samples = facts.Has("/evidence/perf/samples") ? facts.Size("/evidence/perf/samples") : 0;
  const uint64_t repetitions = SaturatingSum(load, SumOfSamples(facts, samples));
  if (!facts.ok()) return facts.Result("");

  facts.ExpectAtMost("/evidence/timing/wall_ns", wall, outer, "as the program took from the outside");
  facts.ExpectAtMost("load_ns and all of /evidence/perf/samples", repetitions, outer,
                     "as the program took from the outside");
  if (!facts.ok()) return facts.Result("");
  const uint64_t unexplained = outer - std::max(wall, repetitions);
  const std::string account = absl::StrFormat(
      "%.3f s outside, %.3f s of it unexplained; at least %.6g tokens a second", Seconds(outer), Seconds(unexplained),
      static_cast<double>(generated) * static_cast<double>(std::max<size_t>(samples, 1)) /
          std::max(Seconds(outer), 1e-9));
  if (const auto limit = input.policy.max_unexplained_percent) {
    // The auditor's own nanoseconds: a century of them times 100 does not wrap.
    facts.Expect(unexplained * 100 <= outer * *limit,
                 [&] { return absl::StrCat(account, "; the policy takes ", *limit, " % unexplained at most"); });
  }
  return facts.Result(account);
}

}  // namespace bitnet::verify
