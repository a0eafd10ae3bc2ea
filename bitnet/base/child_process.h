// Runs another program to its end, and times it from the outside.

#ifndef BITNET_BASE_CHILD_PROCESS_H_
#define BITNET_BASE_CHILD_PROCESS_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace bitnet {

struct ChildOptions {
  // When it is raised the program is sent SIGINT, and then waited for. Null: never.
  const std::atomic<bool>* interrupted = nullptr;
  // After so many nanoseconds it is killed, with every process of the group that it then has to itself. 0: it has all
  // the time it wants, and stays in the caller's group.
  uint64_t timeout_ns = 0;
  std::vector<std::string> environment;  // "NAME=value", put over what it inherits
};

struct ChildResult {
  int exit_code = 0;       // 128 + signal when one killed it
  int signal = 0;          // that killed it, or 0
  bool timed_out = false;  // killed for the time it took
  uint64_t wall_ns = 0;    // from before it was started until its end was seen, by NowNs()
  std::string err;         // the end of what it wrote to stderr, at most 4 KiB
};

// args[0] is searched for in PATH if it has no slash; there is no shell. The program inherits the environment, reads
// nothing and writes to stderr only. What it leaves running is not waited for. NotFound: there is no such program.
absl::StatusOr<ChildResult> RunChild(const std::vector<std::string>& args, const ChildOptions& options);

}  // namespace bitnet

#endif  // BITNET_BASE_CHILD_PROCESS_H_
