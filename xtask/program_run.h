// ProgramRun: one run made exactly as `xtask infer` and `xtask benchmark` make it, for tests of its receipt.

#ifndef XTASK_PROGRAM_RUN_H_
#define XTASK_PROGRAM_RUN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/commitment/commitment_file.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/session.h"
#include "bitnet/sampling/sampler.h"
#include "xtask/receipt_output.h"

namespace bitnet::xtask {

struct Setting {
  std::string_view name;
  int prompt = 1;
  int64_t tokens = 1;
  SamplingParams sampling;
  bool every_logit = false;      // as --dump-logits
  bool keep_commitment = false;  // as --commitment
  int64_t max_draft = 0;         // as --speculate
};

// The file of a small synthetic model, made once and kept as long as this process.
const std::string& SyntheticModelPath(const std::string& preset);

// From reading the first clock to the receipt. Errors are CHECKed: tests expect none.
struct ProgramRun {
  ThreadPool pool;
  RunContext context;
  std::unique_ptr<const LoadedModel> model;
  std::unique_ptr<Session> session;
  GenerateRequest request;
  std::optional<Completion> completion;
  Commitment commitment;  // empty unless the setting keeps it

  ProgramRun(const std::string& path, Isa isa, int threads, int64_t chunk);

  void Generate(const Setting& setting);
  // Program and model files are hashed once for each model.
  const Provenance& ProvenanceOfModel();
  RunReport Report();
};

}  // namespace bitnet::xtask

#endif  // XTASK_PROGRAM_RUN_H_
