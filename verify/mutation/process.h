// Runs one program to its end or to a time limit.

#ifndef VERIFY_MUTATION_PROCESS_H_
#define VERIFY_MUTATION_PROCESS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace bitnet::mutation {

struct Command {
  std::vector<std::string> args;  // args[0] is looked for in PATH
  std::string folder;             // where it runs; "": here
  // All of its environment, NAME=VALUE; empty: that of this process.
  std::vector<std::string> environment;
  std::string output = "/dev/null";  // a file for what it prints, made or emptied; "": as this process
  double limit_s = 0;                // 0: none
};

struct Ending {
  int exit_code = 0;  // 128 + signal for one that ended the program
  bool timed_out = false;
  double seconds = 0;

  bool ok() const { return exit_code == 0 && !timed_out; }
};

// The program has its own process group, which is killed when its time is over. Thread-safe.
absl::StatusOr<Ending> RunCommand(const Command& command);

}  // namespace bitnet::mutation

#endif  // VERIFY_MUTATION_PROCESS_H_
