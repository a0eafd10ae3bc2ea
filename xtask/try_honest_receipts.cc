// Runs the smallest model in every combination of instruction set, threads, prefill chunk, length and sampling, as
// `xtask infer` does, and audits each receipt: at L1, and at L4 with its commitment, a replay with another instruction
// set and an independent recomputation. Nothing honest may be refused.
//
//   ./bazelw run //xtask:try_honest_receipts
//
// With a number N it runs every N-th combination. Exit 1 when a receipt was not accepted.

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/cpu_features.h"
#include "verify/audit.h"
#include "verify/policy.h"
#include "verify/replay/computed_artifacts.h"
#include "xtask/program_run.h"

namespace bitnet::xtask {
namespace {

constexpr Isa kIsas[] = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512Vnni};
constexpr int kThreads[] = {1, 2, 3, 5};
constexpr int64_t kChunks[] = {1, 7, 32, 4096};  // 4096: the whole prompt at once
struct Lengths {
  int prompt;
  int64_t tokens;
};
constexpr Lengths kLengths[] = {{1, 1}, {1, 9}, {5, 12}, {20, 3}, {33, 9}, {45, 1}, {60, 4}};
struct NamedSampling {
  const char* name;
  SamplingParams params;
};
constexpr NamedSampling kSamplings[] = {
    {"greedy", {}},
    {"temperature", {.temperature = 1, .seed = 3}},
    {"top_k", {.temperature = 0.7f, .top_k = 3, .seed = 11}},
    {"top_k_top_p", {.temperature = 0.8f, .top_k = 40, .top_p = 0.95f, .seed = 7}},
    {"min_p", {.temperature = 1.5f, .min_p = 0.05f, .seed = (uint64_t{1} << 53) - 1}},
    {"penalty", {.temperature = 1.2f, .repetition_penalty = 1.3f, .seed = 1}},
};

struct Combination {
  Isa isa;
  int threads;
  int64_t chunk;
  Setting setting;
  std::string Name() const {
    return absl::StrCat(IsaName(isa), ", ", threads, " threads, chunk ", chunk, ", ", setting.prompt, " + ",
                        setting.tokens, " tokens, ", setting.name);
  }
};

std::vector<Combination> Combinations() {
  std::vector<Combination> all;
  for (const Isa isa : kIsas) {
    if (!DetectIsaSet().Has(isa)) {
      std::fprintf(stderr, "this CPU lacks %s: no receipts of its kernels\n", std::string(IsaName(isa)).c_str());
      continue;
    }
    for (const int threads : kThreads) {
      for (const int64_t chunk : kChunks) {
        for (const auto& [prompt, tokens] : kLengths) {
          for (const auto& [name, params] : kSamplings) {
            all.push_back({isa, threads, chunk, {name, prompt, tokens, params, false, /*keep_commitment=*/true}});
          }
        }
      }
    }
  }
  return all;
}

// With everything that `verify --model --commitment --independent` has.
verify::AuditReport AuditAtL4(const RunReport& report, const Commitment& commitment, const std::string& model) {
  verify::Artifacts artifacts;
  artifacts.commitment = commitment;
  verify::AuditRequest request;
  request.model = model;
  request.replay = request.independent = true;
  request.threads = 1;
  CHECK_OK(verify::AddComputed(request, report.text, artifacts));
  verify::Policy policy;
  policy.min_level = verify::Level::kL4;
  return verify::AuditReceiptText(report.text, policy, absl::Now(), artifacts);
}

int TryAll(size_t stride) {
  const std::vector<Combination> all = Combinations();
  const uint64_t begin = NowNs();
  std::map<std::string, int> by_isa, by_sampling;
  int receipts = 0, accepted_l1 = 0, accepted_l4 = 0;
  for (size_t i = 0; i < all.size(); i += stride) {
    const Combination& c = all[i];
    ProgramRun run(SyntheticModelPath("nano"), c.isa, c.threads, c.chunk);
    run.Generate(c.setting);
    const RunReport report = run.Report();
    const verify::AuditReport deep = AuditAtL4(report, run.commitment, SyntheticModelPath("nano"));
    ++receipts;
    ++by_isa[std::string(IsaName(c.isa))];
    ++by_sampling[std::string(c.setting.name)];
    accepted_l1 += report.audit.verdict == verify::Verdict::kAccept ? 1 : 0;
    accepted_l4 += deep.verdict == verify::Verdict::kAccept ? 1 : 0;
    for (const verify::AuditReport* audit : {&report.audit, &deep}) {
      if (audit->verdict == verify::Verdict::kAccept) continue;
      std::printf("REFUSED %s\n%s\n", c.Name().c_str(), VerdictLine(*audit, "receipt").c_str());
    }
    if (receipts % 100 == 0) {
      std::fprintf(stderr, "%d receipts, %d and %d accepted\n", receipts, accepted_l1, accepted_l4);
    }
  }
  for (const auto& [name, count] : by_isa) std::printf("%-12s %d\n", name.c_str(), count);
  for (const auto& [name, count] : by_sampling) std::printf("%-12s %d\n", name.c_str(), count);
  std::printf("%d honest receipts: %d accepted at L1, %d at L4 with replay and independent recomputation, %.0f s\n",
              receipts, accepted_l1, accepted_l4, static_cast<double>(NowNs() - begin) * 1e-9);
  return receipts > 0 && accepted_l1 == receipts && accepted_l4 == receipts ? 0 : 1;
}

}  // namespace
}  // namespace bitnet::xtask

int main(int argc, char** argv) {
  size_t stride = 1;
  if (argc > 2 || (argc == 2 && (!absl::SimpleAtoi(argv[1], &stride) || stride == 0))) {
    std::fprintf(stderr, "usage: try_honest_receipts [EVERY_NTH]\n");
    return 2;
  }
  return bitnet::xtask::TryAll(stride);
}
