// L1-QUANT (RS-125): times look measured. Nanosecond clocks do not give whole microseconds again and again, and a
// phase must be long against the clock's resolution to mean anything.

#include <cstddef>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {
namespace {

constexpr uint64_t kRoundNs = 1000;
// With three values, honest times are all round once in 10^9 receipts; with fewer, chance says too little.
constexpr size_t kFewestTimes = 3;
constexpr uint64_t kResolutions = 1000;

void ExpectNotRound(std::string_view what, const std::vector<uint64_t>& times, RuleFacts& facts) {
  uint64_t divisor = 0;
  size_t nonzero = 0;
  for (const uint64_t ns : times) {
    divisor = std::gcd(divisor, ns);
    nonzero += ns > 0 ? 1 : 0;
  }
  if (nonzero < kFewestTimes) return;
  facts.Expect(divisor % kRoundNs != 0, [&] {
    return absl::StrCat(what, " are all multiples of ", divisor, " ns; expected measured times, not rounded ones");
  });
}

}  // namespace

CheckResult CheckQuant(const AuditInput& input) {
  RuleFacts facts(input);
  std::vector<uint64_t> phases;
  for (const std::string_view phase : {"load_ns", "prefill_ns", "decode_ns", "overhead_ns"}) {
    phases.push_back(facts.Uint(absl::StrCat("/evidence/timing/", phase)));
  }
  const uint64_t decode_ns = phases[2];
  const uint64_t generated = facts.Uint("/evidence/tokens/generated");
  const uint64_t resolution = facts.Uint("/evidence/timing/clock/resolution_ns");
  std::vector<uint64_t> kernels;
  for (const KernelClaim& claim : ReadKernelClaims(facts)) kernels.push_back(claim.ns);
  if (!facts.ok()) return facts.Result("");

  ExpectNotRound("the phases of /evidence/timing", phases, facts);
  ExpectNotRound("ns of /evidence/kernel_counts", kernels, facts);
  if (generated >= 2) {
    facts.Expect(decode_ns >= SaturatingProduct(resolution, kResolutions), [&] {
      return absl::StrCat("/evidence/timing/decode_ns is ", decode_ns, "; expected at least ", kResolutions,
                          " times the clock's resolution of ", resolution, " ns");
    });
  }
  return facts.Result(absl::StrCat(phases.size() + kernels.size(), " times have no common microsecond"));
}

}  // namespace bitnet::verify
