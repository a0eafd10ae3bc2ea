// L1-SAMPLES (RS-123): a benchmark shows every repetition, and the one that the receipt reports is the lower median by
// decode time: neither the best nor a chosen one.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {
namespace {

// A repetition after the reported one ran after `wall_ns` ended, so only a generous bound is sure: one that stalled
// this long says nothing about the machine and is no measurement.
constexpr uint64_t kStalled = 16;

}  // namespace

CheckResult CheckSamples(const AuditInput& input) {
  RuleFacts facts(input);
  const uint64_t prefill_ns = facts.Uint("/evidence/timing/prefill_ns");
  const uint64_t decode_ns = facts.Uint("/evidence/timing/decode_ns");
  const uint64_t load_ns = facts.Uint("/evidence/timing/load_ns");
  const uint64_t wall_ns = facts.Uint("/evidence/timing/wall_ns");
  const uint64_t generated = facts.Uint("/evidence/tokens/generated");
  const size_t size = facts.Size("/evidence/perf/samples");
  if (facts.ok() && size == 0) {
    facts.Expect(!facts.Has("/evidence/perf/repetition"), [] {
      return std::string("/evidence/perf/repetition is present; expected none for a run that was not repeated");
    });
    return facts.Result("a single run");
  }
  const uint64_t repetition = facts.Uint("/evidence/perf/repetition");
  std::vector<uint64_t> prefill;
  std::vector<uint64_t> decode;
  for (size_t i = 0; i < size; ++i) {
    prefill.push_back(facts.Uint(absl::StrCat("/evidence/perf/samples/", i, "/prefill_ns")));
    decode.push_back(facts.Uint(absl::StrCat("/evidence/perf/samples/", i, "/decode_ns")));
    facts.ExpectPositive(absl::StrCat("/evidence/perf/samples/", i, "/prefill_ns"), prefill.back());
    // A single token has no decode time.
    if (generated >= 2) facts.ExpectPositive(absl::StrCat("/evidence/perf/samples/", i, "/decode_ns"), decode.back());
  }
  facts.Expect(repetition < size, [&] {
    return absl::StrCat("/evidence/perf/repetition is ", repetition, "; expected less than ", size,
                        ", the number of samples");
  });
  if (!facts.ok()) return facts.Result("");

  const std::string path = absl::StrCat("/evidence/perf/samples/", repetition);
  facts.ExpectEqual(path + "/prefill_ns", prefill[repetition], prefill_ns, "as /evidence/timing/prefill_ns");
  facts.ExpectEqual(path + "/decode_ns", decode[repetition], decode_ns, "as /evidence/timing/decode_ns");
  // The clocks of the receipt end with the reported repetition, and the ones before it ran within them.
  uint64_t until_reported = 0;
  const uint64_t longest = SaturatingProduct(wall_ns, kStalled);
  for (size_t i = 0; i < size; ++i) {
    const std::string sample = absl::StrCat("/evidence/perf/samples/", i);
    facts.ExpectAtMost(sample + "/prefill_ns", prefill[i], longest, "16 times wall_ns");
    facts.ExpectAtMost(sample + "/decode_ns", decode[i], longest, "16 times wall_ns");
    if (i <= repetition) until_reported += prefill[i] + decode[i];
  }
  facts.Expect(wall_ns >= load_ns && until_reported <= wall_ns - load_ns, [&] {
    return absl::StrCat("/evidence/perf/samples up to the reported one take ", until_reported,
                        " ns; expected at most wall_ns - load_ns, ", wall_ns, " - ", load_ns);
  });
  // A single token has no decode speed to choose a repetition by.
  if (generated >= 2) {
    std::sort(decode.begin(), decode.end());
    facts.ExpectEqual("/evidence/timing/decode_ns", decode_ns, decode[(size - 1) / 2],
                      "the lower median of /evidence/perf/samples");
  }
  return facts.Result(absl::StrCat("repetition ", repetition, " is the lower median of ", size));
}

}  // namespace bitnet::verify
