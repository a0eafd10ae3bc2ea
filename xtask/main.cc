// xtask: the driver of the bitnet engine. The only file of it that reads flags and environment.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/interrupt.h"
#include "xtask/build_info.h"
#include "xtask/commands.h"
#include "xtask/environment.h"

namespace bitnet::xtask {
namespace {

std::string_view Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::string CacheDir() {
  if (!Variable("XDG_CACHE_HOME").empty()) return absl::StrCat(Variable("XDG_CACHE_HOME"), "/bitnet");
  if (!Variable("HOME").empty()) return absl::StrCat(Variable("HOME"), "/.cache/bitnet");
  return ".bitnet-cache";
}

// False, with a message, when a variable holds something that it cannot mean.
bool ReadEnvironment(Environment& environment) {
  for (const char* name : {"BITNET_DETERMINISTIC", "BITNET_SEED", "BITNET_STRICT_MODE"}) {
    if (!Variable(name).empty()) environment.recorded[name] = Variable(name);
  }
  // What is loaded before a program can replace any part of it: receipts say so, and are refused for it.
  if (!Variable("LD_PRELOAD").empty()) environment.recorded["LD_PRELOAD"] = Variable("LD_PRELOAD");
  for (const char* name : {"LD_PRELOAD", "LD_AUDIT", "LD_LIBRARY_PATH"}) {
    if (!Variable(name).empty()) environment.foreign_code.push_back(name);
  }
  for (const auto& [name, flag] : {std::pair{"BITNET_DETERMINISTIC", &environment.deterministic},
                                   std::pair{"BITNET_STRICT_MODE", &environment.strict}}) {
    const std::string_view value = Variable(name);
    if (!value.empty() && value != "0" && value != "1") {
      std::fprintf(stderr, "error: %s: expected 0 or 1, got \"%s\"\n", name, std::string(value).c_str());
      return false;
    }
    *flag = value == "1";
  }
  if (const std::string_view seed = Variable("BITNET_SEED"); !seed.empty()) {
    uint64_t value = 0;
    if (!absl::SimpleAtoi(seed, &value) || value >> 53 != 0) {
      std::fprintf(stderr, "error: BITNET_SEED: expected an integer in 0..2^53-1, got \"%s\"\n",
                   std::string(seed).c_str());
      return false;
    }
    environment.seed = value;
  }
  environment.progress = isatty(STDERR_FILENO) == 1;
  environment.color = environment.progress && Variable("NO_COLOR").empty() && Variable("TERM") != "dumb";
  environment.cache_dir = CacheDir();
  return true;
}

int Main(int argc, char** argv) {
  // Under `bazel run` the process starts in the runfiles tree; paths are meant from where the user stands.
  if (const std::string directory(Variable("BUILD_WORKING_DIRECTORY")); !directory.empty()) {
    if (chdir(directory.c_str()) != 0) std::perror(directory.c_str());
  }
  Environment environment;
  if (!ReadEnvironment(environment)) return kExitUsage;
  CommandContext context{environment, InstallInterruptHandler()};
  CLI::App app("bitnet: run BitNet b1.58 models, and show what ran", "xtask");
  app.set_version_flag("--version", std::string("xtask ") + kVersion);
  app.require_subcommand(1);
  app.add_flag_callback(
      "--strict", [&environment] { environment.strict = true; },
      "Refuse to run where a receipt would be weak, and audit strictly; as BITNET_STRICT_MODE=1");
  app.fallthrough(false);
  app.footer(
      "Environment: BITNET_DETERMINISTIC=1 (no random seed), BITNET_SEED=N, BITNET_STRICT_MODE=1, NO_COLOR,\n"
      "XDG_CACHE_HOME. `xtask COMMAND --help` has examples and exit codes.");
  AddBenchmarkCommand(app, context);
  AddBenchCompareCommand(app, context);
  AddBaselineCommand(app, context);
  AddGateCommand(app, context);
  AddInferCommand(app, context);
  AddBatchCommand(app, context);
  AddInspectCommand(app, context);
  AddConvertCommand(app, context);
  AddTokenizeCommand(app, context);
  AddPerplexityCommand(app, context);
  AddTraceCommand(app, context);
  AddCrossvalCommand(app, context);
  AddGenModelCommand(app, context);
  AddQuantReportCommand(app, context);
  AddKeygenCommand(app, context);
  AddSignCommand(app, context);
  AddVerifyReceiptCommand(app, context);
  AddDoctorCommand(app, context);
  AddCompletionCommand(app, context);
  const auto is_named = [&](const CLI::App* command) { return command->get_name() == argv[1]; };
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands(is_named).empty()) {
    std::fprintf(stderr, "error: no command \"%s\"; xtask --help lists them\n", argv[1]);
    return kExitUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? kExitOk : kExitUsage;
  } catch (const std::exception& error) {
    // Out of memory or out of threads, from the standard library; our own code returns Status.
    std::fprintf(stderr, "error: %s\n", error.what());
    return kExitFailed;
  }
  // A full disk or a closed pipe behind stdout would otherwise look like success.
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    std::fprintf(stderr, "error: cannot write to standard output\n");
    return kExitFailed;
  }
  return context.exit_code;
}

}  // namespace
}  // namespace bitnet::xtask

int main(int argc, char** argv) { return bitnet::xtask::Main(argc, argv); }
