// L1-TIME (RS-120): the times add up. Phases fill the wall time exactly, kernels fit into their forward passes, forward
// passes into their phases.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {
namespace {

// Time by where it was spent.
struct KernelTime {
  uint64_t prefill_span = 0;
  uint64_t decode_span = 0;
  uint64_t in_spans = 0;  // kernels inside forward passes
  uint64_t choosing = 0;  // argmax and sampling, which happen between them
};

// A kernel may have taken 0 ns by the clock when each call can be shorter than a tick: calls of kLeastCallNs and the
// arithmetic must fit into calls x resolution.
constexpr double kLeastCallNs = 20;

bool BelowResolution(const KernelClaim& claim, uint64_t resolution, double macs_per_ns) {
  const double calls = static_cast<double>(claim.work.calls);
  const double least = calls * kLeastCallNs + static_cast<double>(claim.work.macs) / macs_per_ns;
  return calls > 0 && least <= calls * static_cast<double>(resolution);
}

KernelTime SumKernelTime(const std::vector<KernelClaim>& claims, uint64_t resolution, double macs_per_ns,
                         RuleFacts& facts) {
  KernelTime time;
  for (const KernelClaim& claim : claims) {
    facts.Expect(claim.ns > 0 || BelowResolution(claim, resolution, macs_per_ns), [&] {
      return absl::StrCat(claim.path, "/ns is 0; expected at least 1, for ", claim.work.calls,
                          " calls of it are not below the clock's resolution of ", resolution, " ns");
    });
    switch (claim.info->op) {
      case Op::kPrefillForward:
        time.prefill_span += claim.ns;
        break;
      case Op::kDecodeForward:
        time.decode_span += claim.ns;
        break;
      case Op::kArgmax:
      case Op::kSample:
        time.choosing += claim.ns;
        break;
      default:
        time.in_spans += claim.ns;
    }
  }
  return time;
}

}  // namespace

CheckResult CheckTime(const AuditInput& input) {
  RuleFacts facts(input);
  const uint64_t load = facts.Uint("/evidence/timing/load_ns");
  const uint64_t prefill = facts.Uint("/evidence/timing/prefill_ns");
  const uint64_t decode = facts.Uint("/evidence/timing/decode_ns");
  const uint64_t overhead = facts.Uint("/evidence/timing/overhead_ns");
  const uint64_t wall = facts.Uint("/evidence/timing/wall_ns");
  const uint64_t ttft = facts.Uint("/evidence/timing/ttft_ns");
  const std::vector<KernelClaim> claims = ReadKernelClaims(facts);
  const uint64_t resolution = facts.Uint("/evidence/timing/clock/resolution_ns");
  const uint64_t busy = std::min(facts.Uint("/evidence/host/cores"), facts.Uint("/evidence/host/threads"));
  if (!facts.ok()) return facts.Result("");

  const double macs_per_ns =
      static_cast<double>(std::max<uint64_t>(busy, 1)) * static_cast<double>(input.policy.peak_macs_per_core_ns);
  const KernelTime time = SumKernelTime(claims, resolution, macs_per_ns, facts);
  facts.ExpectEqual("/evidence/timing/wall_ns", wall, load + prefill + decode + overhead,
                    "load_ns + prefill_ns + decode_ns + overhead_ns");
  facts.ExpectPositive("/evidence/timing/prefill_ns", prefill);
  facts.ExpectAtMost("ns of prefill_forward", time.prefill_span, prefill, "as /evidence/timing/prefill_ns");
  facts.ExpectAtMost("ns of decode_forward", time.decode_span, decode, "as /evidence/timing/decode_ns");
  facts.ExpectAtMost("ns of the kernels inside forward passes", time.in_spans, time.prefill_span + time.decode_span,
                     "as prefill_forward and decode_forward together");
  facts.ExpectAtMost("ns of forward passes and of choosing tokens",
                     time.prefill_span + time.decode_span + time.choosing, prefill + decode,
                     "as prefill_ns and decode_ns together");
  facts.ExpectEqual("/evidence/timing/ttft_ns", ttft, prefill, "prefill_ns, which ends when the first token is chosen");
  return facts.Result(absl::StrCat("phases fill ", wall, " ns, kernels fit into them"));
}

}  // namespace bitnet::verify
