// What an independent audit costs: runs a model, then audits the run with the auditor's own products and with those of
// the engine, and prints both reports. Exit code 0 when both agree.

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/committer.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/session.h"
#include "verify/independent/audit.h"
#include "verify/replay/engine_products.h"

namespace bitnet::verify {
namespace {

struct Flags {
  std::string model;
  int64_t prompt = 64;
  int64_t tokens = 16;
  int threads = 1;
};

absl::StatusOr<bool> Measure(const Flags& flags) {
  ThreadPool pool(flags.threads);
  BITNET_ASSIGN_OR_RETURN(const auto model, LoadedModel::Load(flags.model, pool));
  const SessionOptions options{.isa = DetectIsaSet(), .context = flags.prompt + flags.tokens};
  BITNET_ASSIGN_OR_RETURN(const auto session, Session::Create(*model, pool, options));
  Committer committer(model->config.shape, Sha256Of("a run to be measured"), pool, /*keep=*/true);
  GenerateRequest request;
  for (int64_t i = 0; i < flags.prompt; ++i) request.prompt.push_back(static_cast<TokenId>(i % 200));
  request.max_tokens = flags.tokens;
  request.ignore_eos = true;
  request.committer = &committer;
  BITNET_ASSIGN_OR_RETURN(const Completion run, Generate(*session, request, [](std::string_view) {}));
  std::printf("run: %lld + %lld tokens, %d threads, prefill %.1f ms, decode %.1f ms\n",
              static_cast<long long>(flags.prompt), static_cast<long long>(flags.tokens), flags.threads,
              static_cast<double>(run.prefill_ns) * 1e-6, static_cast<double>(run.decode_ns) * 1e-6);

  independent::IndependentRequest audit{.model_path = flags.model, .commitment = &committer.commitment()};
  BITNET_ASSIGN_OR_RETURN(const auto own, independent::IndependentAudit(audit, pool));
  std::printf("\nproducts of the auditor\n%s", IndependentText(own).c_str());
  session->Reset();
  EngineProducts products(*session);
  audit.products = &products;
  BITNET_ASSIGN_OR_RETURN(const auto engine, independent::IndependentAudit(audit, pool));
  std::printf("\nproducts of the engine\n%s", IndependentText(engine).c_str());
  return !own.difference && !engine.difference;
}

}  // namespace
}  // namespace bitnet::verify

int main(int argc, char** argv) {
  bitnet::verify::Flags flags;
  const bool good = argc == 5 && absl::SimpleAtoi(argv[2], &flags.prompt) && absl::SimpleAtoi(argv[3], &flags.tokens) &&
                    absl::SimpleAtoi(argv[4], &flags.threads) && flags.prompt > 0 && flags.tokens > 0 &&
                    flags.threads > 0;
  if (!good) {
    std::fprintf(stderr, "usage: independent_cost MODEL PROMPT_TOKENS GENERATED_TOKENS THREADS\n");
    return 2;
  }
  flags.model = argv[1];
  const absl::StatusOr<bool> agreed = bitnet::verify::Measure(flags);
  if (!agreed.ok()) std::fprintf(stderr, "%s\n", agreed.status().ToString().c_str());
  return agreed.ok() && *agreed ? 0 : 1;
}
