// Runs a program and collects what it says, for tests of the command line.

#ifndef XTASK_TESTING_PROCESS_H_
#define XTASK_TESTING_PROCESS_H_

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bitnet::xtask {

struct ProcessOptions {
  std::map<std::string, std::string> environment;  // all of it: nothing is inherited
  std::string directory;                           // to run in; empty: the test's own
  std::string input;                               // on stdin, at most a pipe's buffer
  bool terminal = false;                           // stderr is a terminal
};

struct ProcessResult {
  int exit_code = 0;  // 128 + signal when one killed it
  std::string out;
  std::string err;
};

class Process {
 public:
  // args[0] is the program's path.
  Process(const std::vector<std::string>& args, const ProcessOptions& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Blocks until stdout and stderr together hold `text`; false when the program ended without it.
  bool WaitFor(std::string_view text);
  // Blocks until something is on stdout; false when the program ended without that.
  bool WaitForOutput();
  void Signal(int signal);
  // Blocks until the program ends.
  ProcessResult Wait();

 private:
  bool ReadMore();  // false at the end of both streams

  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
  ProcessResult result_;
};

}  // namespace bitnet::xtask

#endif  // XTASK_TESTING_PROCESS_H_
