#include "xtask/bench_flags.h"

#include <filesystem>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "xtask/input.h"
#include "xtask/model_cache.h"
#include "xtask/random_seed.h"

namespace bitnet::xtask {

void AddBenchFlags(CLI::App& command, BenchFlags& flags) {
  command.add_option("-m,--model", flags.model, "GGUF model file (default: the synthetic 2B-4T model in the cache)");
  command.add_option("-p,--prompt-tokens", flags.prompt_tokens, "Prompt length")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 20));
  command.add_option("-n,--tokens", flags.tokens, "Tokens to generate; decode must take 2 s")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 20));
  AddEngineFlags(command, flags.engine);
  command.add_option("--seed", flags.seed, "Seed of the prompts (default: random)")
      ->check(CLI::Range(uint64_t{0}, (uint64_t{1} << 53) - 1));
  command.add_option("--policy", flags.policy, "Policy file; its member \"compare\" has margin, level and limits");
  command.add_option("--out", flags.out, "New folder for everything that is written (default: dated, in the cache)");
}

absl::StatusOr<verify::Policy> ReadBenchPolicy(const BenchFlags& flags, const Environment& environment) {
  verify::Policy policy;
  if (!flags.policy.empty()) {
    BITNET_ASSIGN_OR_RETURN(const std::string text, ReadInput(flags.policy, kMaxReceiptBytes));
    BITNET_ASSIGN_OR_RETURN(policy, verify::ParsePolicy(text));
  }
  policy.strict |= environment.strict;
  return policy;
}

absl::StatusOr<std::vector<std::string>> CommandWords(const std::string& command) {
  if (!command.empty()) {
    std::vector<std::string> words = absl::StrSplit(command, ' ', absl::SkipEmpty());
    if (words.empty()) return absl::InvalidArgumentError("expected a program to run, got blanks");
    return words;
  }
  // The name it was called by may mean another program to a child.
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return absl::InternalError(absl::StrCat("cannot read /proc/self/exe: ", error.message()));
  return std::vector<std::string>{self.string()};
}

absl::StatusOr<BenchPlan> MakeBenchPlan(const BenchFlags& flags, const verify::ComparePolicy& policy,
                                        const CommandContext& context) {
  BenchPlan plan;
  plan.policy = policy;
  BITNET_ASSIGN_OR_RETURN(plan.a.command, CommandWords(""));
  plan.b.command = plan.a.command;
  std::string model = flags.model;
  if (model.empty()) {
    BITNET_ASSIGN_OR_RETURN(model, DefaultModelPath(context.environment, context.interrupted));
  }
  plan.common = {"-m", model,
                 "-p", absl::StrCat(flags.prompt_tokens),
                 "-n", absl::StrCat(flags.tokens),
                 "-r", absl::StrCat(flags.repetitions)};
  const EngineFlags defaults;
  const auto add = [&](bool given, const char* name, std::string value) {
    if (given) plan.common.insert(plan.common.end(), {name, std::move(value)});
  };
  add(flags.engine.threads != defaults.threads, "-t", absl::StrCat(flags.engine.threads));
  add(flags.engine.isa != defaults.isa, "--isa", flags.engine.isa);
  add(flags.engine.context != defaults.context, "--context", absl::StrCat(flags.engine.context));
  add(flags.engine.prefill_chunk != defaults.prefill_chunk, "--prefill-chunk",
      absl::StrCat(flags.engine.prefill_chunk));
  plan.seed = ChooseSeed(flags.seed, context.environment);
  return plan;
}

absl::StatusOr<std::string> MakeBenchFolder(const BenchFlags& flags, std::string_view kind,
                                            const Environment& environment) {
  std::string folder = flags.out;
  if (folder.empty()) {
    folder = absl::StrCat(environment.cache_dir, "/", kind, "/",
                          absl::FormatTime("%Y%m%dT%H%M%E3SZ", absl::Now(), absl::UTCTimeZone()));
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return absl::InvalidArgumentError(absl::StrCat("cannot create ", folder, ": ", error.message()));
  if (!std::filesystem::is_empty(folder, error) || error) {
    return absl::InvalidArgumentError(absl::StrCat("--out ", folder, ": expected a new or empty folder"));
  }
  return folder;
}

absl::StatusOr<std::vector<verify::MeasuredRun>> ReadMeasuredRuns(const std::vector<std::string>& paths,
                                                                  const verify::Policy& policy) {
  std::vector<verify::MeasuredRun> runs;
  for (const std::string& path : paths) {
    BITNET_ASSIGN_OR_RETURN(const std::string text, ReadInput(path, kMaxReceiptBytes + 1));
    runs.push_back(verify::ReadMeasuredRun(path, text, policy, absl::Now()));
  }
  return runs;
}

}  // namespace bitnet::xtask
