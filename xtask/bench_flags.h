// Flags that every command which drives benchmark processes shares, and the plan that they make.

#ifndef XTASK_BENCH_FLAGS_H_
#define XTASK_BENCH_FLAGS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "verify/compare/measured_run.h"
#include "verify/policy.h"
#include "xtask/bench_plan.h"
#include "xtask/commands.h"
#include "xtask/engine_flags.h"

namespace bitnet::xtask {

struct BenchFlags {
  std::string model;
  int64_t prompt_tokens = 512;
  int64_t tokens = 128;
  int repetitions = 1;  // of each process; for commands that add a flag of their own
  EngineFlags engine;
  std::optional<uint64_t> seed;
  std::string policy;
  std::string out;
};

// --model, --prompt-tokens, --tokens, the flags of the engine, --seed, --policy, --out.
void AddBenchFlags(CLI::App& command, BenchFlags& flags);

// Of --policy, or the built-in one; strict if the environment says so.
absl::StatusOr<verify::Policy> ReadBenchPolicy(const BenchFlags& flags, const Environment& environment);

// The program at the front of a command line, with what starts it, split at blanks. Empty `command`: this very program,
// by the file it was started from.
absl::StatusOr<std::vector<std::string>> CommandWords(const std::string& command);

// A plan with this program and no options of its own on either side.
absl::StatusOr<BenchPlan> MakeBenchPlan(const BenchFlags& flags, const verify::ComparePolicy& policy,
                                        const CommandContext& context);

// The folder of --out, or a dated one in `kind` of the cache; new or empty, for what another run left must not lie
// among the files of this one.
absl::StatusOr<std::string> MakeBenchFolder(const BenchFlags& flags, std::string_view kind,
                                            const Environment& environment);

// Receipts that the command line names.
absl::StatusOr<std::vector<verify::MeasuredRun>> ReadMeasuredRuns(const std::vector<std::string>& paths,
                                                                  const verify::Policy& policy);

}  // namespace bitnet::xtask

#endif  // XTASK_BENCH_FLAGS_H_
