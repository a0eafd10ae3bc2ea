// What a receipt says about the run, in the terms of the kernel catalog: the input of every equation about work.

#ifndef VERIFY_RULES_RUN_FACTS_H_
#define VERIFY_RULES_RUN_FACTS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/kernels/catalog/work.h"
#include "verify/rules/rule_facts.h"

namespace bitnet::verify {

// No schedule may have more forward passes: a million tokens in, one at a time, and a million out.
inline constexpr uint64_t kMaxForwardPasses = uint64_t{1} << 21;

struct RunFacts {
  ArchShape arch;                       // evidence.model.arch
  std::vector<ScheduleEntry> schedule;  // evidence.schedule
  uint64_t prompt = 0;                  // evidence.tokens
  uint64_t kv_reused = 0;
  uint64_t generated = 0;
  bool greedy = false;  // evidence.sampling.mode
  IsaSet isa;           // evidence.host.isa_used
};

// Each reads one part and reports to `facts` what is absent or meaningless.
ArchShape ReadArch(RuleFacts& facts);
std::vector<ScheduleEntry> ReadSchedule(RuleFacts& facts);
IsaSet ReadIsaSet(RuleFacts& facts, std::string_view path);

// Everything, and also that the work it implies can be computed: within kMaxForwardPasses and 2^53 MACs and bytes.
RunFacts ReadRun(RuleFacts& facts);

// One element of evidence.kernel_counts whose id the catalog knows.
struct KernelClaim {
  std::string path;  // "/evidence/kernel_counts/3"
  const KernelInfo* info = nullptr;
  WorkCount work;
  uint64_t ns = 0;
};
std::vector<KernelClaim> ReadKernelClaims(RuleFacts& facts);

// How a run computed its logits, by its claims: the calls of the screening kernel that dispatch chooses, and the head's
// multiply-accumulates.
HeadScreening ReadScreening(const RunFacts& run, const std::vector<KernelClaim>& claims);

// The exact counts of every kernel for `run`, whose logits were computed as `screening` says. Constant time for each
// entry of the schedule: from one step to the next every count is the same but attention's, which grow by the same
// amount.
WorkTable ImpliedWork(const RunFacts& run, const HeadScreening& screening = {});

// Ternary weights of the model: 2 084 044 800 for 2B-4T.
uint64_t TernaryWeights(const ArchShape& arch);

// a * b, or the largest value when that does not fit.
uint64_t SaturatingProduct(uint64_t a, uint64_t b);
// a + b, likewise.
uint64_t SaturatingSum(uint64_t a, uint64_t b);

}  // namespace bitnet::verify

#endif  // VERIFY_RULES_RUN_FACTS_H_
