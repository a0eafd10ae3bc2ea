#include "verify/rules/run_facts.h"

#include <limits>
#include <optional>
#include <span>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "bitnet/kernels/catalog/architecture.h"
#include "bitnet/kernels/catalog/catalog.h"

namespace bitnet::verify {
namespace {

// An upper bound of the MACs and bytes of a run, in double: only its order of magnitude matters.
double WorkBound(const RunFacts& run) {
  double steps = 0;
  double rows = 0;
  for (const ScheduleEntry& entry : run.schedule) {
    steps += static_cast<double>(entry.steps);
    rows += static_cast<double>(entry.steps) * static_cast<double>(entry.rows);
  }
  const auto product = [](auto... factors) { return (static_cast<double>(factors) * ...); };
  const ArchShape& a = run.arch;
  const double q_dim = product(a.heads, a.head_dim);
  const double kv_dim = product(a.kv_heads, a.head_dim);
  const double weights = product(a.layers, a.hidden) * (2 * q_dim + 2 * kv_dim + product(3, a.ffn));
  const double head = product(a.vocab, a.hidden);
  const double keys = rows * (rows + static_cast<double>(run.kv_reused) + 1);
  return (rows + steps) * (weights + 2 * head) + 4 * keys * product(a.layers) * (q_dim + kv_dim);
}

}  // namespace

uint64_t SaturatingProduct(uint64_t a, uint64_t b) {
  uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<uint64_t>::max() : product;
}

uint64_t SaturatingSum(uint64_t a, uint64_t b) {
  uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<uint64_t>::max() : sum;
}

// Dimensions are the receipt's: products that wrapped round would let it choose what is expected of it.
uint64_t TernaryWeights(const ArchShape& arch) {
  const uint64_t attention = SaturatingProduct(SaturatingSum(arch.heads, arch.kv_heads), arch.head_dim);
  const uint64_t width = SaturatingSum(SaturatingProduct(2, attention), SaturatingProduct(3, arch.ffn));
  return SaturatingProduct(SaturatingProduct(arch.layers, arch.hidden), width);
}

HeadScreening ReadScreening(const RunFacts& run, const std::vector<KernelClaim>& claims) {
  uint64_t calls = 0;
  uint64_t macs = 0;
  for (const KernelClaim& claim : claims) {
    if (claim.info->kernel == SelectKernel(Op::kLogitsScreening, 1, run.isa)) calls = claim.work.calls;
    if (claim.info->kernel == SelectKernel(Op::kLogitsProjection, 1, run.isa)) macs = claim.work.macs;
  }
  return ScreeningOf(run.arch, run.schedule, calls, macs);
}

WorkTable ImpliedWork(const RunFacts& run, const HeadScreening& screening) {
  // Choosing tokens is no forward pass.
  WorkTable table = ExpectedWork(run.arch, {}, 0, run.generated, run.greedy, run.isa, screening);
  uint64_t position = run.kv_reused;
  for (const ScheduleEntry& entry : run.schedule) {
    if (entry.steps == 0) continue;
    ScheduleEntry one = entry;
    one.steps = 1;
    const auto step_at = [&](uint64_t at) {
      return ExpectedWork(run.arch, std::span(&one, 1), at, 0, run.greedy, run.isa, {screening.screened, 0});
    };
    const WorkTable first = step_at(position);
    const WorkTable last = step_at(position + (entry.steps - 1) * entry.kept_rows());
    // An arithmetic progression: n (first + last) / 2, and the product is even because (n - 1) x difference x n is.
    const auto sum = [&](uint64_t a, uint64_t b) { return entry.steps * (a + b) / 2; };
    for (int i = 0; i < kKernelCount; ++i) {
      table[i] += {sum(first[i].calls, last[i].calls), sum(first[i].rows, last[i].rows),
                   sum(first[i].macs, last[i].macs), sum(first[i].bytes, last[i].bytes)};
    }
    position += entry.steps * entry.kept_rows();
  }
  return table;
}

ArchShape ReadArch(RuleFacts& facts) {
  const auto read = [&](std::string_view name) {
    const std::string path = absl::StrCat("/evidence/model/arch/", name);
    const uint64_t value = facts.Uint(path);
    facts.ExpectPositive(path, value);
    return value;
  };
  ArchShape arch;
  arch.layers = read("layers");
  arch.hidden = read("hidden_size");
  arch.ffn = read("ffn_size");
  arch.heads = read("heads");
  arch.kv_heads = read("kv_heads");
  arch.head_dim = read("head_dim");
  arch.vocab = read("vocab_size");
  const std::string_view activation = facts.Text("/evidence/model/arch/activation");
  const bool silu = activation == ActivationName(Activation::kSilu);
  facts.Expect(silu || activation == ActivationName(Activation::kRelu2), [&] {
    return absl::StrCat("/evidence/model/arch/activation is \"", activation, "\"; expected \"relu2\" or \"silu\"");
  });
  arch.activation = silu ? Activation::kSilu : Activation::kRelu2;
  arch.sub_norms = facts.Bool("/evidence/model/arch/sub_norms");
  arch.untied_head = !facts.Bool("/evidence/model/arch/tied_embeddings");
  return arch;
}

std::vector<ScheduleEntry> ReadSchedule(RuleFacts& facts) {
  std::vector<ScheduleEntry> schedule;
  const size_t size = facts.Size("/evidence/schedule");
  for (size_t i = 0; i < size; ++i) {
    const std::string path = absl::StrCat("/evidence/schedule/", i);
    const std::string_view kind = facts.Text(path + "/kind");
    facts.Expect(kind == "prefill" || kind == "decode",
                 [&] { return absl::StrCat(path, "/kind is \"", kind, "\"; expected \"prefill\" or \"decode\""); });
    ScheduleEntry& entry = schedule.emplace_back();
    entry.kind = kind == "prefill" ? StepKind::kPrefill : StepKind::kDecode;
    entry.steps = facts.Uint(path + "/steps");
    entry.rows = facts.Uint(path + "/rows");
    entry.logit_rows = facts.Uint(path + "/logit_rows");
    facts.ExpectPositive(path + "/steps", entry.steps);
    facts.ExpectPositive(path + "/rows", entry.rows);
    facts.ExpectAtMost(path + "/logit_rows", entry.logit_rows, entry.rows, "the rows of the step");
    if (!facts.Has(path + "/rejected_rows")) continue;
    const uint64_t rejected = facts.Uint(path + "/rejected_rows");
    facts.ExpectPositive(path + "/rejected_rows", rejected);
    facts.Expect(rejected < entry.rows, [&] {
      return absl::StrCat(path, "/rejected_rows is ", rejected, "; expected less than the ", entry.rows,
                          " rows of the step, whose first is of a token that was chosen");
    });
    if (rejected < entry.rows) entry.rejected_rows = rejected;
  }
  return schedule;
}

IsaSet ReadIsaSet(RuleFacts& facts, std::string_view path) {
  IsaSet set;
  for (const std::string_view name : facts.Texts(path)) {
    const absl::StatusOr<Isa> isa = ParseIsa(name);
    facts.Expect(isa.ok(), [&] { return absl::StrCat(path, ": ", isa.status().message()); });
    if (isa.ok()) set.Add(*isa);
  }
  facts.Expect(set.Has(Isa::kScalar), [&] { return absl::StrCat(path, " lacks \"scalar\", which every CPU has"); });
  return set;
}

RunFacts ReadRun(RuleFacts& facts) {
  RunFacts run;
  run.arch = ReadArch(facts);
  run.schedule = ReadSchedule(facts);
  run.prompt = facts.Uint("/evidence/tokens/prompt");
  run.kv_reused = facts.Uint("/evidence/tokens/kv_reused");
  run.generated = facts.Uint("/evidence/tokens/generated");
  const std::string_view mode = facts.Text("/evidence/sampling/mode");
  run.greedy = mode == "greedy";
  facts.Expect(mode == "greedy" || mode == "sample", [&] {
    return absl::StrCat("/evidence/sampling/mode is \"", mode, "\"; expected \"greedy\" or \"sample\"");
  });
  run.isa = ReadIsaSet(facts, "/evidence/host/isa_used");
  uint64_t passes = 0;
  for (const ScheduleEntry& entry : run.schedule) passes += entry.steps;
  facts.ExpectAtMost("the number of forward passes in /evidence/schedule", passes, kMaxForwardPasses,
                     "what the auditor recomputes");
  facts.Expect(WorkBound(run) < 0x1p56, [] {
    return std::string(
        "/evidence/model/arch and /evidence/schedule imply more work than the 2^53-1 that a receipt can "
        "carry");
  });
  return run;
}

std::vector<KernelClaim> ReadKernelClaims(RuleFacts& facts) {
  std::vector<KernelClaim> claims;
  const size_t size = facts.Size("/evidence/kernel_counts");
  for (size_t i = 0; i < size; ++i) {
    const std::string path = absl::StrCat("/evidence/kernel_counts/", i);
    const std::string_view id = facts.Text(path + "/id");
    const std::optional<KernelId> kernel = FindKernel(id);
    facts.Expect(kernel.has_value(),
                 [&] { return absl::StrCat(path, "/id is \"", id, "\"; expected a kernel of the catalog"); });
    const WorkCount work = {facts.Uint(path + "/calls"), facts.Uint(path + "/rows"), facts.Uint(path + "/macs"),
                            facts.Uint(path + "/bytes")};
    const uint64_t ns = facts.Uint(path + "/ns");
    if (kernel) claims.push_back({path, &GetKernel(*kernel), work, ns});
  }
  return claims;
}

}  // namespace bitnet::verify
