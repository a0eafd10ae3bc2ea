// L1-CLOCK (RS-124): five clocks, read at the start and at the end, tell one story.
//
// A stepped or altered clock, a suspended machine or a slowed time source moves some of them and not the others. Values
// are offsets from the process's first reading of each clock, so only differences mean anything.

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {
namespace {

// Time daemons slew by at most 500 ppm (NTP); readings of two clocks are microseconds apart, or one preemption.
constexpr double kSlopeTolerance = 0.001;
constexpr double kReadingSlackNs = 2e6;
// Time stamp counters tick at the nominal frequency: 100 MHz to 10 GHz.
constexpr double kMinTicksPerNs = 0.1;
constexpr double kMaxTicksPerNs = 10;
constexpr uint64_t kCoarsestResolutionNs = 1'000'000;

// end - start of one clock.
uint64_t Elapsed(std::string_view member, RuleFacts& facts) {
  const uint64_t start = facts.Uint(absl::StrCat("/evidence/timing/clock/start/", member));
  const uint64_t end = facts.Uint(absl::StrCat("/evidence/timing/clock/end/", member));
  facts.Expect(start <= end, [&] {
    return absl::StrCat("/evidence/timing/clock/end/", member, " is ", end, "; expected at least ", start,
                        ", the start's");
  });
  return start <= end ? end - start : 0;
}

}  // namespace

CheckResult CheckClock(const AuditInput& input) {
  RuleFacts facts(input);
  const uint64_t wall = facts.Uint("/evidence/timing/wall_ns");
  const uint64_t cpu = facts.Uint("/evidence/timing/cpu_ns");
  const uint64_t raw = Elapsed("monotonic_raw_ns", facts);
  const uint64_t boottime = Elapsed("boottime_ns", facts);
  const uint64_t realtime = Elapsed("realtime_ns", facts);
  const uint64_t ticks = Elapsed("tsc", facts);
  const uint64_t process_cpu = Elapsed("process_cpu_ns", facts);
  const uint64_t resolution = facts.Uint("/evidence/timing/clock/resolution_ns");
  facts.ExpectPositive("elapsed monotonic_raw_ns", raw);
  facts.ExpectPositive("/evidence/timing/clock/resolution_ns", resolution);
  if (!facts.ok()) return facts.Result("");

  const double tolerance = std::max(kSlopeTolerance * static_cast<double>(raw), kReadingSlackNs);
  const auto agrees = [&](std::string_view clock, uint64_t elapsed) {
    facts.Expect(std::abs(static_cast<double>(elapsed) - static_cast<double>(raw)) <= tolerance, [&] {
      return absl::StrCat(clock, " went ", elapsed, " ns while monotonic_raw went ", raw, "; expected them within ",
                          tolerance, " ns");
    });
  };
  agrees("boottime", boottime);
  agrees("realtime", realtime);
  const double rate = static_cast<double>(ticks) / static_cast<double>(raw);
  // Only x86 has a time stamp counter; elsewhere the reading is 0. A list of instruction sets does not tell: "scalar"
  // alone is on every machine.
  const bool has_tsc = absl::EndsWith(facts.Text("/environment/OS"), "x86_64");
  facts.Expect(has_tsc ? rate >= kMinTicksPerNs && rate <= kMaxTicksPerNs : ticks == 0, [&] {
    return absl::StrCat("tsc went ", ticks, " ticks in ", raw, " ns; expected ",
                        has_tsc ? absl::StrCat(kMinTicksPerNs, " to ", kMaxTicksPerNs, " a ns") : "0, there is none");
  });
  facts.ExpectEqual("/evidence/timing/wall_ns", wall, raw, "what monotonic_raw went between start and end");
  facts.ExpectEqual("/evidence/timing/cpu_ns", cpu, process_cpu, "what process_cpu went between start and end");
  facts.ExpectAtMost("/evidence/timing/clock/resolution_ns", resolution, kCoarsestResolutionNs, "a millisecond");
  return facts.Result(absl::StrCat("five clocks agree over ", raw, " ns"));
}

}  // namespace bitnet::verify
