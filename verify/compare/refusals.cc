#include "verify/compare/refusals.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "verify/compare/rank_counts.h"
#include "verify/printable.h"

namespace bitnet::verify {
namespace {

using Detail = std::optional<std::string>;  // empty: nothing to object to

// The first objection to a single run, on either side.
template <typename Objection>
Detail FirstObjection(const ComparisonRuns& runs, Objection objection) {
  for (const std::span<const MeasuredRun> side : {runs.baseline, runs.current}) {
    for (const MeasuredRun& run : side) {
      if (Detail detail = objection(run)) return absl::StrCat(run.source, ": ", *detail);
    }
  }
  return std::nullopt;
}

// All runs must have one value of a fact; with `may_differ` all runs of each side.
template <typename Fact>
Detail FirstDifference(const ComparisonRuns& runs, bool may_differ, Fact fact) {
  const MeasuredRun* first = nullptr;
  for (const std::span<const MeasuredRun> side : {runs.baseline, runs.current}) {
    if (may_differ) first = nullptr;
    for (const MeasuredRun& run : side) {
      if (first == nullptr) first = &run;
      if (fact(run) != fact(*first)) {
        return absl::StrCat(first->source, " has \"", fact(*first), "\", ", run.source, " has \"", fact(run), "\"");
      }
    }
  }
  return std::nullopt;
}

Detail FindFew(const ComparisonRuns& runs) {
  if (std::min(runs.baseline.size(), runs.current.size()) >= 2) return std::nullopt;
  return absl::StrCat("the baseline has ", runs.baseline.size(), ", the current side ", runs.current.size());
}

Detail FindMany(const ComparisonRuns& runs) {
  if (std::max(runs.baseline.size(), runs.current.size()) <= kMaxRankedRuns) return std::nullopt;
  return absl::StrCat("the baseline has ", runs.baseline.size(), ", the current side ", runs.current.size());
}

// A receipt is one run, whatever the name of its file.
Detail FindTwice(const ComparisonRuns& runs) {
  std::map<std::string_view, std::string_view> seen;
  return FirstObjection(runs, [&](const MeasuredRun& run) -> Detail {
    const auto [earlier, is_new] = seen.insert({run.receipt_sha256, run.source});
    if (is_new) return std::nullopt;
    return absl::StrCat("the same receipt as ", earlier->second);
  });
}

Detail FindAudit(const ComparisonRuns& runs) {
  return FirstObjection(runs, [](const MeasuredRun& run) -> Detail {
    if (run.audit == Verdict::kAccept) return std::nullopt;
    return absl::StrCat(VerdictName(run.audit), ", ", run.objection);
  });
}

Detail FindCover(const ComparisonRuns& runs) {
  return FirstObjection(runs, [](const MeasuredRun& run) -> Detail {
    if (!run.decode_ns) return "no time of decode";
    if (!run.prefill_ns) return "no time of prefill";
    if (!run.peak_rss_bytes) return "no peak resident set";
    return std::nullopt;
  });
}

Detail FindVacuous(const ComparisonRuns& runs) {
  return FirstObjection(runs, [](const MeasuredRun& run) -> Detail {
    if (!run.measured) return "the receipt says that its speed was not measured";
    if (run.generated_tokens < 2) return absl::StrCat(run.generated_tokens, " tokens generated; a rate needs 2");
    if (run.prompt_tokens == 0) return "no token in the prompt";
    if (run.decode_ns.value_or(0) == 0 || run.prefill_ns.value_or(0) == 0) return "a phase that took no time";
    return std::nullopt;
  });
}

Detail FindMin(const ComparisonRuns& runs, const ComparePolicy& policy) {
  return FirstObjection(runs, [&](const MeasuredRun& run) -> Detail {
    if (run.generated_tokens < policy.min_tokens) {
      return absl::StrCat(run.generated_tokens, " tokens generated; expected at least ", policy.min_tokens);
    }
    if (run.decode_ns.value_or(0) < policy.min_decode_ns) {
      return absl::StrCat("decode took ", run.decode_ns.value_or(0), " ns; expected at least ", policy.min_decode_ns,
                          " (generate more tokens)");
    }
    return std::nullopt;
  });
}

Detail FindResolution(const ComparisonRuns& runs, const ComparePolicy& policy) {
  return FirstObjection(runs, [&](const MeasuredRun& run) -> Detail {
    if (!run.resolution_ns) return "the clock's resolution is not stated";
    const uint64_t shorter = std::min(run.decode_ns.value_or(0), run.prefill_ns.value_or(0));
    if (static_cast<double>(*run.resolution_ns) <= policy.max_resolution_share * static_cast<double>(shorter)) {
      return std::nullopt;
    }
    return absl::StrCat("a resolution of ", *run.resolution_ns, " ns for a phase of ", shorter,
                        " ns; expected a share of at most ", policy.max_resolution_share);
  });
}

Detail FindWorkload(const ComparisonRuns& runs) {
  if (Detail detail = FirstDifference(runs, false, [](const MeasuredRun& run) { return run.workload; })) return detail;
  if (Detail detail = FirstDifference(runs, false, [](const MeasuredRun& run) { return run.plan_digest; })) {
    return absl::StrCat("plan digests: ", *detail);
  }
  for (size_t i = 0; runs.paired && i < std::min(runs.baseline.size(), runs.current.size()); ++i) {
    const MeasuredRun& a = runs.baseline[i];
    const MeasuredRun& b = runs.current[i];
    if (a.prompt_digest != b.prompt_digest) {
      return absl::StrCat("pair ", i + 1, ", ", a.source, " and ", b.source, ": different prompts");
    }
  }
  return std::nullopt;
}

// All else being equal (FindModel, FindProfile, FindWorkload), tokens are a function of the prompt.
Detail FindOutput(const ComparisonRuns& runs) {
  std::map<std::string_view, const MeasuredRun*> by_prompt;
  return FirstObjection(runs, [&](const MeasuredRun& run) -> Detail {
    const MeasuredRun& first = *by_prompt.insert({run.prompt_digest, &run}).first->second;
    if (first.output_digest == run.output_digest) return std::nullopt;
    return absl::StrCat("other tokens than ", first.source, " for the same prompt");
  });
}

Detail Find(RefusalReason reason, const ComparisonRuns& runs, const ComparePolicy& policy) {
  const auto differs = [&](VaryingFact fact, auto value) {
    return FirstDifference(runs, policy.may_differ.contains(fact), value);
  };
  switch (reason) {
    case RefusalReason::kFew:
      return FindFew(runs);
    case RefusalReason::kMany:
      return FindMany(runs);
    case RefusalReason::kTwice:
      return FindTwice(runs);
    case RefusalReason::kAudit:
      return FindAudit(runs);
    case RefusalReason::kCover:
      return FindCover(runs);
    case RefusalReason::kVacuous:
      return FindVacuous(runs);
    case RefusalReason::kMin:
      return FindMin(runs, policy);
    case RefusalReason::kResolution:
      return FindResolution(runs, policy);
    case RefusalReason::kModel:
      return FirstDifference(runs, false, [](const MeasuredRun& run) { return run.ternary_digest; });
    case RefusalReason::kWorkload:
      return FindWorkload(runs);
    case RefusalReason::kSchedule:
      return differs(VaryingFact::kSchedule, [](const MeasuredRun& run) { return run.schedule; });
    case RefusalReason::kProfile:
      return FirstDifference(runs, false, [](const MeasuredRun& run) { return run.profile; });
    case RefusalReason::kThreads:
      return differs(VaryingFact::kThreads, [](const MeasuredRun& run) { return run.threads.value_or(0); });
    case RefusalReason::kMachine:
      return FirstDifference(runs, false, [](const MeasuredRun& run) { return run.machine_facts; });
    case RefusalReason::kGovernor:
      return FirstDifference(runs, false, [](const MeasuredRun& run) { return run.governor; });
    case RefusalReason::kDensity:
      return differs(VaryingFact::kDensity, [](const MeasuredRun& run) { return run.density; });
    case RefusalReason::kOutput:
      return FindOutput(runs);
    case RefusalReason::kBase:
    case RefusalReason::kPlan:
    case RefusalReason::kArmed:
      return std::nullopt;  // need more than the runs
  }
  return std::nullopt;
}

struct ReasonInfo {
  std::string_view id;
  std::string_view need;
};
constexpr ReasonInfo kReasons[] = {
#define REFUSAL(symbol, id, need) {id, need},
#include "verify/compare/refusals.def"
#undef REFUSAL
};
constexpr RefusalReason kAll[] = {
#define REFUSAL(symbol, id, need) RefusalReason::k##symbol,
#include "verify/compare/refusals.def"
#undef REFUSAL
};

}  // namespace

std::string_view RefusalId(RefusalReason reason) { return kReasons[static_cast<int>(reason)].id; }
std::string_view RefusalNeed(RefusalReason reason) { return kReasons[static_cast<int>(reason)].need; }
std::span<const RefusalReason> AllRefusalReasons() { return kAll; }

std::vector<Refusal> FindRefusals(const ComparisonRuns& runs, const ComparePolicy& policy, bool counts) {
  std::vector<Refusal> refusals;
  for (const RefusalReason reason : AllRefusalReasons()) {
    if (reason == RefusalReason::kFew && !counts) continue;
    if (Detail detail = Find(reason, runs, policy)) refusals.push_back({reason, Printable(*detail)});
  }
  return refusals;
}

bool SortInterleaved(std::vector<MeasuredRun>& baseline, std::vector<MeasuredRun>& current) {
  const auto has_time = [](const MeasuredRun& run) { return run.timestamp.has_value(); };
  for (std::vector<MeasuredRun>* side : {&baseline, &current}) {
    if (!std::all_of(side->begin(), side->end(), has_time)) return false;
    std::stable_sort(side->begin(), side->end(),
                     [](const MeasuredRun& a, const MeasuredRun& b) { return *a.timestamp < *b.timestamp; });
  }
  if (baseline.size() != current.size()) return false;
  for (size_t i = 1; i < baseline.size(); ++i) {
    const absl::Time before = std::max(*baseline[i - 1].timestamp, *current[i - 1].timestamp);
    if (before > std::min(*baseline[i].timestamp, *current[i].timestamp)) return false;
  }
  return true;
}

}  // namespace bitnet::verify
