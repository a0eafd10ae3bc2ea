// Deletes subtrees of receipts and bundles and says what the auditor made of the rest (deletions.h).
//
//   ./bazelw run //verify/testing:try_deletions -- 100000
//
// Runs beside testdata/, as Bazel starts it. Exit 1 when something was gained.

#include <cstdio>
#include <string>

#include "absl/strings/numbers.h"
#include "verify/testing/deletions.h"

int main(int argc, char** argv) {
  uint64_t cases = 100'000;
  if (argc > 2 || (argc == 2 && !absl::SimpleAtoi(argv[1], &cases))) {
    std::fprintf(stderr, "usage: try_deletions [CASES]\n");
    return 2;
  }
  const bitnet::verify::DeletionTally tally = bitnet::verify::TryDeletions(cases);
  std::printf("%llu of %llu deletions in %llu texts: %llu REJECT, %llu UNVERIFIABLE, %llu MALFORMED, %llu ACCEPT\n",
              static_cast<unsigned long long>(tally.cases), static_cast<unsigned long long>(tally.known),
              static_cast<unsigned long long>(tally.receipts), static_cast<unsigned long long>(tally.rejected),
              static_cast<unsigned long long>(tally.unverifiable), static_cast<unsigned long long>(tally.malformed),
              static_cast<unsigned long long>(tally.accepted));
  std::printf("accepted that are no honest receipts: %zu\n", tally.violations.size());
  for (const std::string& violation : tally.violations) std::printf("  %s\n", violation.c_str());
  return tally.violations.empty() ? 0 : 1;
}
