// L1-QUANT (RS-125): times look measured. Nanosecond clocks do not give whole microseconds again and again, and a
// phase must be long against the clock's resolution to mean anything.

#include <algorithm>
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

// Chance makes a time a multiple of N ns once in N / resolution receipts, so the divisors below are in units of the
// clock's resolution. On a clock of 1 ns an honest receipt is refused with probability below
//   3 times in whole microseconds: 10^-9 for the phases (less for the kernels, which are more)
//   2 of 3 phases in whole 10 us: 3 x 10^-8
//   decode in whole milliseconds: 10^-6
// together 1.1 x 10^-6: once in 900 000 receipts.
constexpr uint64_t kRoundNs = 1000;
constexpr size_t kFewestTimes = 3;
constexpr uint64_t kRounderTicks = 10'000;
constexpr size_t kFewestRounder = 2;
constexpr uint64_t kRoundDecodeTicks = 1'000'000;
constexpr size_t kMeasuredPhases = 3;  // load, prefill, decode; overhead is their difference from the wall time
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
  size_t rounder = 0;
  const uint64_t rounder_ns = SaturatingProduct(kRounderTicks, std::max<uint64_t>(resolution, 1));
  for (size_t i = 0; i < kMeasuredPhases; ++i) rounder += phases[i] > 0 && phases[i] % rounder_ns == 0 ? 1 : 0;
  facts.Expect(rounder < kFewestRounder, [&] {
    return absl::StrCat(rounder, " of load_ns, prefill_ns and decode_ns in /evidence/timing are multiples of ",
                        rounder_ns, " ns; expected measured times, not rounded ones");
  });
  if (generated >= 2) {
    const uint64_t round_decode_ns = SaturatingProduct(kRoundDecodeTicks, std::max<uint64_t>(resolution, 1));
    facts.Expect(decode_ns == 0 || decode_ns % round_decode_ns != 0, [&] {
      return absl::StrCat("/evidence/timing/decode_ns is ", decode_ns, ", a multiple of ", round_decode_ns,
                          " ns; expected a measured time, not a rounded one");
    });
    facts.Expect(decode_ns >= SaturatingProduct(resolution, kResolutions), [&] {
      return absl::StrCat("/evidence/timing/decode_ns is ", decode_ns, "; expected at least ", kResolutions,
                          " times the clock's resolution of ", resolution, " ns");
    });
  }
  return facts.Result(absl::StrCat(phases.size() + kernels.size(), " times have no common microsecond"));
}

}  // namespace bitnet::verify
