// The subcommands of xtask. Each Add...Command registers one with its flags, help and examples; when the command line
// chose it, parsing runs it and stores its exit code.

#ifndef XTASK_COMMANDS_H_
#define XTASK_COMMANDS_H_

#include <atomic>

#include "CLI/CLI.hpp"
#include "xtask/environment.h"

namespace bitnet::xtask {

// What a command gets from main. Outlives the parse.
struct CommandContext {
  const Environment& environment;
  const std::atomic<bool>& interrupted;
  int exit_code = kExitOk;
};

void AddBaselineCommand(CLI::App& app, CommandContext& context);
void AddBatchCommand(CLI::App& app, CommandContext& context);
void AddBenchCompareCommand(CLI::App& app, CommandContext& context);
void AddBenchmarkCommand(CLI::App& app, CommandContext& context);
void AddCompletionCommand(CLI::App& app, CommandContext& context);
void AddConvertCommand(CLI::App& app, CommandContext& context);
void AddCrossvalCommand(CLI::App& app, CommandContext& context);
void AddDoctorCommand(CLI::App& app, CommandContext& context);
void AddGateCommand(CLI::App& app, CommandContext& context);
void AddGenModelCommand(CLI::App& app, CommandContext& context);
void AddInferCommand(CLI::App& app, CommandContext& context);
void AddInspectCommand(CLI::App& app, CommandContext& context);
void AddKeygenCommand(CLI::App& app, CommandContext& context);
void AddPerplexityCommand(CLI::App& app, CommandContext& context);
void AddQuantReportCommand(CLI::App& app, CommandContext& context);
void AddSignCommand(CLI::App& app, CommandContext& context);
void AddTokenizeCommand(CLI::App& app, CommandContext& context);
void AddTraceCommand(CLI::App& app, CommandContext& context);
void AddVerifyReceiptCommand(CLI::App& app, CommandContext& context);

}  // namespace bitnet::xtask

#endif  // XTASK_COMMANDS_H_
