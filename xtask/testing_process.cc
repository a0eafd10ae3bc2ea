#include "xtask/testing_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "absl/log/check.h"

namespace bitnet::xtask {
namespace {

struct Pair {
  int ours = -1;
  int theirs = -1;
};

Pair Pipe(bool we_read) {
  int ends[2];
  CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
  return we_read ? Pair{ends[0], ends[1]} : Pair{ends[1], ends[0]};
}

Pair Terminal() {
  const int ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  CHECK(ours >= 0 && grantpt(ours) == 0 && unlockpt(ours) == 0) << "no pseudo-terminal";
  const int theirs = open(ptsname(ours), O_RDWR | O_NOCTTY | O_CLOEXEC);
  CHECK_GE(theirs, 0);
  return {ours, theirs};
}

// Appends what can be read; closes the descriptor at its end. A terminal ends with EIO.
void Drain(int& descriptor, std::string& text) {
  char buffer[4096];
  const ssize_t size = read(descriptor, buffer, sizeof(buffer));
  if (size > 0) {
    text.append(buffer, static_cast<size_t>(size));
  } else if (size == 0 || errno != EINTR) {
    close(descriptor);
    descriptor = -1;
  }
}

}  // namespace

Process::Process(const std::vector<std::string>& args, const ProcessOptions& options) {
  std::vector<char*> argv;
  for (const std::string& arg : args) argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  std::vector<std::string> variables;
  for (const auto& [name, value] : options.environment) variables.push_back(name + "=" + value);
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);

  const Pair in = Pipe(/*we_read=*/false);
  const Pair out = Pipe(/*we_read=*/true);
  const Pair err = options.terminal ? Terminal() : Pipe(/*we_read=*/true);
  pid_ = fork();
  CHECK_GE(pid_, 0);
  if (pid_ == 0) {
    if (!options.directory.empty() && chdir(options.directory.c_str()) != 0) _exit(126);
    dup2(in.theirs, STDIN_FILENO);
    dup2(out.theirs, STDOUT_FILENO);
    dup2(err.theirs, STDERR_FILENO);
    execve(argv[0], argv.data(), environment.data());
    _exit(127);
  }
  for (const Pair& pair : {in, out, err}) close(pair.theirs);
  CHECK_EQ(write(in.ours, options.input.data(), options.input.size()), static_cast<ssize_t>(options.input.size()));
  close(in.ours);
  out_ = out.ours;
  err_ = err.ours;
}

Process::~Process() {
  if (pid_ < 0) return;
  Signal(SIGKILL);
  Wait();
}

bool Process::ReadMore() {
  pollfd streams[] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};  // poll passes over -1
  if (out_ < 0 && err_ < 0) return false;
  if (poll(streams, 2, -1) < 0) return errno == EINTR;
  if (streams[0].revents != 0) Drain(out_, result_.out);
  if (streams[1].revents != 0) Drain(err_, result_.err);
  return true;
}

bool Process::WaitFor(std::string_view text) {
  while (result_.out.find(text) == std::string::npos && result_.err.find(text) == std::string::npos) {
    if (!ReadMore()) return false;
  }
  return true;
}

bool Process::WaitForOutput() {
  while (result_.out.empty()) {
    if (!ReadMore()) return false;
  }
  return true;
}

void Process::Signal(int signal) { CHECK_EQ(kill(pid_, signal), 0); }

ProcessResult Process::Wait() {
  while (ReadMore()) {
  }
  int status = 0;
  CHECK_EQ(waitpid(pid_, &status, 0), pid_);
  pid_ = -1;
  result_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result_;
}

}  // namespace bitnet::xtask
