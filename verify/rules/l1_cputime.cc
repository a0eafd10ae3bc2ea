// L1-CPUTIME (RS-121): the processor time fits the wall time from above and the work from below. Times that are scaled
// down together still have to leave the cores enough cycles for the multiply-accumulates.

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {
namespace {

// Timer interrupts and the accounting's granularity: at most 2 % and one scheduler period over the ideal.
constexpr uint64_t kSlackNs = 10'000'000;
constexpr double kSlackFactor = 1.02;

}  // namespace

CheckResult CheckCpuTime(const AuditInput& input) {
  RuleFacts facts(input);
  const uint64_t wall = facts.Uint("/evidence/timing/wall_ns");
  const uint64_t cpu = facts.Uint("/evidence/timing/cpu_ns");
  const uint64_t cores = facts.Uint("/evidence/host/cores");
  const uint64_t threads = facts.Uint("/evidence/host/threads");
  const std::vector<KernelClaim> claims = ReadKernelClaims(facts);
  facts.ExpectPositive("/evidence/host/cores", cores);
  facts.ExpectPositive("/evidence/host/threads", threads);
  if (!facts.ok()) return facts.Result("");

  double macs = 0;
  for (const KernelClaim& claim : claims) macs += static_cast<double>(claim.work.macs);
  const double busy = static_cast<double>(std::min(cores, threads));
  const double most = static_cast<double>(wall) * busy * kSlackFactor + static_cast<double>(kSlackNs);
  facts.Expect(static_cast<double>(cpu) <= most, [&] {
    return absl::StrCat("/evidence/timing/cpu_ns is ", cpu, "; expected at most ", std::floor(most), ", wall_ns x ",
                        std::min(cores, threads), " busy cores x ", kSlackFactor, " + ", kSlackNs);
  });
  const double least = macs / static_cast<double>(input.policy.peak_macs_per_core_ns);
  facts.Expect(static_cast<double>(cpu) >= least, [&] {
    return absl::StrCat("/evidence/timing/cpu_ns is ", cpu, "; expected at least ", std::ceil(least), " for ", macs,
                        " MACs at ", input.policy.peak_macs_per_core_ns, " per core and ns");
  });
  return facts.Result(absl::StrCat("cpu_ns ", cpu, " lies within [", std::ceil(least), ", ", std::floor(most), "]"));
}

}  // namespace bitnet::verify
