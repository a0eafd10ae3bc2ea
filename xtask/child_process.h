// Runs another program to its end.

#ifndef XTASK_CHILD_PROCESS_H_
#define XTASK_CHILD_PROCESS_H_

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace bitnet::xtask {

struct ChildResult {
  int exit_code = 0;  // 128 + signal when one killed it
  std::string err;    // the end of what it wrote to stderr, at most 4 KiB
};

// args[0] is searched for in PATH if it has no slash. The program inherits the environment, reads nothing and writes to
// stderr only. When `interrupted` is raised it is sent SIGINT, and then waited for. NotFound: there is no such program.
absl::StatusOr<ChildResult> RunChild(const std::vector<std::string>& args, const std::atomic<bool>& interrupted);

}  // namespace bitnet::xtask

#endif  // XTASK_CHILD_PROCESS_H_
