// Refusals: what two sets of runs must have in common, and each run by itself, before a comparison of speeds means
// anything. A comparison that is refused says nothing about speed, in either direction.

#ifndef VERIFY_COMPARE_REFUSALS_H_
#define VERIFY_COMPARE_REFUSALS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verify/compare/compare_policy.h"
#include "verify/compare/measured_run.h"

namespace bitnet::verify {

enum class RefusalReason : uint8_t {
#define REFUSAL(symbol, id, need) k##symbol,
#include "verify/compare/refusals.def"
#undef REFUSAL
};

std::string_view RefusalId(RefusalReason reason);    // "L5-FEW"
std::string_view RefusalNeed(RefusalReason reason);  // what a comparison needs
std::span<const RefusalReason> AllRefusalReasons();  // in the order of refusals.def

struct Refusal {
  RefusalReason reason;
  std::string detail;  // one line: which run, what was found, what was expected
};

// The runs of one side, in their order.
struct ComparisonRuns {
  std::span<const MeasuredRun> baseline;
  std::span<const MeasuredRun> current;
  bool paired = false;  // baseline[i] and current[i] are a pair; only then are the sides equally long
};

// Everything but kBase, kPlan and kArmed, each reason at most once, in the order of refusals.def. With `counts` false
// kFew is left out: what is wrong with the first pair need not wait for the others.
std::vector<Refusal> FindRefusals(const ComparisonRuns& runs, const ComparePolicy& policy, bool counts = true);

// Whether the runs alternated: as many on either side, and in order of time every pair ended before the next one did.
// Sorts both sides by time; receipts without a time are not interleaved.
bool SortInterleaved(std::vector<MeasuredRun>& baseline, std::vector<MeasuredRun>& current);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_REFUSALS_H_
