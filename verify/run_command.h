// `verify run -- PROGRAM ARG...`: the auditor launches a run itself, with a challenge made for it, times it by its own
// clock, and audits the receipt that it writes.

#ifndef VERIFY_RUN_COMMAND_H_
#define VERIFY_RUN_COMMAND_H_

#include <atomic>

namespace bitnet::verify {

// What the command gets from main, which reads the environment.
struct RunCommandContext {
  bool strict = false;
  bool color = false;
  const std::atomic<bool>& interrupted;
};

// `argv` begins with "run". Returns the exit code: the verdict's, or 2 for wrong usage.
int RunRunCommand(int argc, char** argv, const RunCommandContext& context);

}  // namespace bitnet::verify

#endif  // VERIFY_RUN_COMMAND_H_
