// L1-ROOF (RS-126): nothing runs faster than the machine. Every forward pass reads all weights, so the memory bus
// bounds passes per second; cores bound multiply-accumulates per second. Of the head a pass that screens reads a copy
// of half the size.
//
// What the last-level cache can hold from one pass to the next need not cross the bus again. A model that fits into the
// cache is therefore not bounded by it, and the reason says so; the bound on arithmetic is for every model. A model
// that does not fit needs a bandwidth to be held to: a probe, or a policy that knows the machine.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {
namespace {

// A policy names the machine's peak: nothing exceeds it but by rounding.
constexpr double kPeakMargin = 1.05;
// A probe sees one moment and one access pattern. On machines that are shared, the same reads take up to 1.6 times
// as long a second later, so only twice the probe is beyond belief.
constexpr double kProbeMargin = 2;
// Generously above every machine there is, so that a receipt cannot talk itself out of the bound altogether: EPYC parts
// with stacked caches reach 1.1 GiB a socket; two sockets of 12 channels of MRDIMM-8800 read 1.7 TB/s. A policy that
// names the machine's cache and peak is what really binds.
constexpr uint64_t kLargestCache = uint64_t{2} << 30;
constexpr uint64_t kFastestMbps = 2'000'000;

struct Phase {
  std::string_view name;
  uint64_t ns = 0;
  uint64_t passes = 0;
  double bytes = 0;  // that must cross the memory bus
  double macs = 0;
};

double BusBytes(uint64_t weights, uint64_t cached) {
  return weights > cached ? static_cast<double>(weights - cached) : 0.0;
}

Phase SumPhase(const RunFacts& run, StepKind kind, uint64_t ns, uint64_t cached, bool screened) {
  Phase phase = {.name = kind == StepKind::kPrefill ? "prefill" : "decode", .ns = ns};
  const uint64_t ternary = TernaryWeights(run.arch);
  const uint64_t head = run.arch.vocab * run.arch.hidden;
  for (const ScheduleEntry& entry : run.schedule) {
    if (entry.kind != kind) continue;
    const uint64_t head_bytes = screened && ScreensLogits(entry) ? head : head * 2;  // an int8 copy, or all of it
    const uint64_t bytes = ternary / 4 + (entry.logit_rows > 0 ? head_bytes : 0);
    const double macs = static_cast<double>(entry.rows) * static_cast<double>(ternary) +
                        static_cast<double>(entry.logit_rows) * static_cast<double>(head);
    phase.passes += entry.steps;
    phase.bytes += static_cast<double>(entry.steps) * BusBytes(bytes, cached);
    phase.macs += static_cast<double>(entry.steps) * macs;
  }
  return phase;
}

}  // namespace

CheckResult CheckRoof(const AuditInput& input) {
  RuleFacts facts(input);
  const RunFacts run = ReadRun(facts);
  const uint64_t prefill_ns = facts.Uint("/evidence/timing/prefill_ns");
  const uint64_t decode_ns = facts.Uint("/evidence/timing/decode_ns");
  const uint64_t llc = facts.Uint("/evidence/host/llc_bytes");
  const uint64_t probe = facts.Uint("/evidence/host/read_bw_probe_mbps");
  const uint64_t busy = std::min(facts.Uint("/evidence/host/cores"), facts.Uint("/evidence/host/threads"));
  facts.ExpectPositive("busy cores (the fewer of /evidence/host/cores and threads)", busy);
  facts.ExpectPositive("/evidence/timing/prefill_ns", prefill_ns);
  const std::vector<KernelClaim> claims = ReadKernelClaims(facts);
  if (!facts.ok()) return facts.Result("");

  const bool screened = ReadScreening(run, claims).screened;
  double mbps = static_cast<double>(input.policy.peak_read_bw_mbps.value_or(kFastestMbps)) * kPeakMargin;
  if (probe > 0) mbps = std::min(mbps, static_cast<double>(probe) * kProbeMargin);
  const double bytes_per_ns = mbps * 1e6 / 1e9;
  const double macs_per_ns = static_cast<double>(busy) * static_cast<double>(input.policy.peak_macs_per_core_ns);
  facts.ExpectAtMost("/evidence/host/llc_bytes", llc, kLargestCache, "more than the cache of any machine");
  const uint64_t cached = std::min(llc, input.policy.max_llc_bytes.value_or(kLargestCache));
  bool bus_bound = false;
  for (const Phase& phase : {SumPhase(run, StepKind::kPrefill, prefill_ns, cached, screened),
                             SumPhase(run, StepKind::kDecode, decode_ns, cached, screened)}) {
    if (phase.passes == 0) continue;
    const double ns = static_cast<double>(phase.ns);
    facts.Expect(phase.macs <= macs_per_ns * ns, [&] {
      return absl::StrCat(phase.name, " does ", phase.macs, " MACs in ", phase.ns, " ns, ", phase.macs / ns,
                          " a ns; expected at most ", macs_per_ns, " on ", busy, " cores");
    });
    if (phase.bytes == 0) continue;
    bus_bound = true;
    facts.Expect(phase.bytes <= bytes_per_ns * ns, [&] {
      return absl::StrCat(phase.name, " reads ", phase.bytes, " bytes of weights in ", phase.ns, " ns, ",
                          phase.bytes / ns, " GB/s; expected at most ", bytes_per_ns,
                          " on a machine that was probed at ", probe, " MB/s");
    });
  }
  if (facts.ok() && bus_bound && probe == 0 && !input.policy.peak_read_bw_mbps) {
    return Missing(
        "the weights exceed the last-level cache, /evidence/host/read_bw_probe_mbps is 0 and the policy has no "
        "peak_read_bw_mbps: there is no bandwidth to hold the times to");
  }
  return facts.Result(bus_bound ? "weights read and MACs done fit the machine"
                                : "MACs done fit the machine; the weights fit the last-level cache, so memory does not "
                                  "bound them");
}

}  // namespace bitnet::verify
