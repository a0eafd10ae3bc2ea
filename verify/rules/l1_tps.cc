// L1-TPS (RS-122): the speed is recomputed from integers, never believed. One token has no decode speed: the receipt
// says "not_measured", 0 and no quotient, and this check says NOT_MEASURED.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

namespace {

// The receipt says itself that there is no speed; then nothing in it may look like one.
CheckResult CheckUnmeasured(RuleFacts& facts, double claimed) {
  facts.ExpectEqual("/evidence/perf/status", facts.Text("/evidence/perf/status"), "not_measured");
  for (const char* path : {"/evidence/perf/decode_tps_num", "/evidence/perf/decode_tps_den_ns"}) {
    facts.Expect(!facts.Has(path), [&] { return absl::StrCat(path, " is present; expected none for one token"); });
  }
  facts.Expect(claimed == 0,
               [&] { return absl::StrFormat("/tokens_per_second is %.17g; expected 0 for one token", claimed); });
  if (!facts.ok()) return facts.Result("");
  return NotMeasured("one token was generated, so there is no decode speed");
}

}  // namespace

CheckResult CheckTps(const AuditInput& input) {
  RuleFacts facts(input);
  const uint64_t generated = facts.Uint("/evidence/tokens/generated");
  const uint64_t decode_ns = facts.Uint("/evidence/timing/decode_ns");
  const double claimed = facts.Number("/tokens_per_second");
  facts.ExpectPositive("/evidence/tokens/generated", generated);
  if (!facts.ok()) return facts.Result("");
  if (generated < 2) return CheckUnmeasured(facts, claimed);

  const uint64_t numerator = facts.Uint("/evidence/perf/decode_tps_num");
  const uint64_t denominator = facts.Uint("/evidence/perf/decode_tps_den_ns");
  facts.ExpectEqual("/evidence/perf/decode_tps_num", numerator, generated - 1, "generated - 1");
  facts.ExpectEqual("/evidence/perf/decode_tps_den_ns", denominator, decode_ns, "/evidence/timing/decode_ns");
  facts.ExpectEqual("/evidence/perf/status", facts.Text("/evidence/perf/status"), "measured");
  facts.ExpectPositive("/evidence/timing/decode_ns", decode_ns);
  if (!facts.ok()) return facts.Result("");

  const double expected = static_cast<double>(generated - 1) * 1e9 / static_cast<double>(decode_ns);
  facts.Expect(claimed == expected, [&] {
    return absl::StrFormat("/tokens_per_second is %.17g; expected exactly %.17g, (%d - 1) tokens in %d ns", claimed,
                           expected, generated, decode_ns);
  });
  return facts.Result(
      absl::StrFormat("%.17g tokens per second follows from %d tokens in %d ns", expected, generated - 1, decode_ns));
}

}  // namespace bitnet::verify
