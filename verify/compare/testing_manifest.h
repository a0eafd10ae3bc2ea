// A manifest for tests: the same bytes every time.

#ifndef VERIFY_COMPARE_TESTING_MANIFEST_H_
#define VERIFY_COMPARE_TESTING_MANIFEST_H_

#include <string>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "bitnet/base/sha256.h"
#include "verify/compare/manifest.h"
#include "verify/compare/testing_runs.h"

namespace bitnet::verify {

inline absl::Time TestingManifestTime() { return absl::FromCivil(absl::CivilDay(2026, 11, 21), absl::UTCTimeZone()); }

// Runs run-01.json, run-02.json, ... with digests of the right form.
inline std::vector<MeasuredRun> TestingManifestRuns(int size) {
  std::vector<MeasuredRun> runs;
  for (int i = 0; i < size; ++i) {
    MeasuredRun run = TestRun("a", i);
    run.source = absl::StrFormat("run-%02d.json", i + 1);
    run.receipt_sha256 = ToHex(Sha256Of(run.source));
    run.machine = ToHex(Sha256Of(std::string_view("machine")));
    run.ternary_digest = ToHex(Sha256Of(std::string_view("model")));
    runs.push_back(run);
  }
  return runs;
}

// Of TestingManifestRuns(size), for 30 days from TestingManifestTime().
inline Manifest TestingManifest(int size) {
  const auto manifest = MakeManifest(TestingManifestRuns(size), TestingManifestTime(), absl::Hours(24) * 30);
  CHECK(manifest.ok()) << manifest.status();
  return *manifest;
}

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_TESTING_MANIFEST_H_
