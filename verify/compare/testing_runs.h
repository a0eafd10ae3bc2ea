// Runs as a comparison sees them, for tests: comparable, accepted, with speeds of the test's choice.

#ifndef VERIFY_COMPARE_TESTING_RUNS_H_
#define VERIFY_COMPARE_TESTING_RUNS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "verify/compare/measured_run.h"

namespace bitnet::verify {

// A run of 512 + 128 tokens that decodes in 4 s / speed, the `order`-th of its session.
inline MeasuredRun TestRun(std::string_view side, int order, double speed = 1) {
  MeasuredRun run;
  run.source = absl::StrCat(side, "-", order, ".json");
  run.receipt_sha256 = absl::StrCat("digest of ", run.source);
  run.audit = Verdict::kAccept;
  run.timestamp = absl::FromUnixSeconds(1'800'000'000) + absl::Seconds(10 * order);
  run.ternary_digest = "model";
  run.profile = "profile";
  run.workload = "workload";
  run.schedule = "schedule";
  run.prompt_digest = absl::StrCat("prompt ", order / 2);
  run.output_digest = absl::StrCat("output ", order / 2);
  run.machine = run.machine_facts = "machine";
  run.governor = "performance";
  run.density = "t1";
  run.threads = 2;
  run.measured = true;
  run.prompt_tokens = 512;
  run.generated_tokens = 128;
  run.prefill_ns = static_cast<uint64_t>(1.5e9 / speed);
  run.decode_ns = static_cast<uint64_t>(4e9 / speed);
  run.peak_rss_bytes = 1'300'000'000;
  run.resolution_ns = 1;
  return run;
}

struct TestSides {
  std::vector<MeasuredRun> baseline;
  std::vector<MeasuredRun> current;
};

// `pairs` pairs in ABBA order; the current side has `ratio` times the baseline's speed, and both vary by `spread`, in a
// pattern without repetition.
inline TestSides TestPairs(int pairs, double ratio = 1, double spread = 0.002) {
  TestSides sides;
  for (int i = 0; i < pairs; ++i) {
    const double noise = spread * ((i * 7) % 11 - 5) / 5 * (1 + 1e-3 * i);
    const int first = 2 * i, second = 2 * i + 1;
    const bool current_first = i % 2 == 1;
    sides.baseline.push_back(TestRun("a", current_first ? second : first, 1 - noise / 2));
    sides.current.push_back(TestRun("b", current_first ? first : second, ratio * (1 + noise / 2)));
  }
  return sides;
}

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_TESTING_RUNS_H_
