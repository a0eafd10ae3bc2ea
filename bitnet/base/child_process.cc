#include "bitnet/base/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/status_macros.h"

namespace bitnet {
namespace {

constexpr size_t kMaxErr = 4096;
constexpr size_t kReadBytes = 1024;
constexpr int kPipeReads = 64;  // a pipe holds 64 KiB
// How late the end of a program is seen whose stderr something else still holds, and of one that closed it.
constexpr int kPollMs = 10;
constexpr int kClosedPollMs = 1;

bool SameName(std::string_view a, std::string_view b) { return a.substr(0, a.find('=')) == b.substr(0, b.find('=')); }

// The environment of the caller with `over` put over it. Views into both.
std::vector<char*> Environment(const std::vector<std::string>& over) {
  std::vector<char*> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    bool replaced = false;
    for (const std::string& other : over) replaced |= SameName(*variable, other);
    if (!replaced) variables.push_back(*variable);
  }
  for (const std::string& other : over) variables.push_back(const_cast<char*>(other.c_str()));
  variables.push_back(nullptr);
  return variables;
}

absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& args, const ChildOptions& options, int err) {
  std::vector<char*> argv;
  for (const std::string& arg : args) argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> environment = Environment(options.environment);
  posix_spawn_file_actions_t actions;
  CHECK_EQ(posix_spawn_file_actions_init(&actions), 0);
  CHECK_EQ(posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0), 0);
  CHECK_EQ(posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0), 0);
  CHECK_EQ(posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO), 0);
  posix_spawnattr_t attributes;
  CHECK_EQ(posix_spawnattr_init(&attributes), 0);
  if (options.timeout_ns > 0) {
    CHECK_EQ(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP), 0);
    CHECK_EQ(posix_spawnattr_setpgroup(&attributes, 0), 0);
  }
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return absl::ErrnoToStatus(error, absl::StrCat("cannot run ", args[0]));
  return pid;
}

// A program that was started, and the end of its stderr.
class Child {
 public:
  Child(pid_t pid, int err, uint64_t started, const ChildOptions& options)
      : pid_(pid), err_(err), started_(started), options_(options) {}

  ChildResult Wait() {
    while (!ended_) {
      Step();
      if (!told_ && options_.interrupted != nullptr && options_.interrupted->load(std::memory_order_relaxed)) {
        Signal(SIGINT);
        told_ = true;
      }
      if (options_.timeout_ns > 0 && !result_.timed_out && NowNs() - started_ > options_.timeout_ns) {
        Signal(SIGKILL);
        result_.timed_out = true;
      }
    }
    // What lies in the pipe already, and no more: something that was left running may write forever.
    for (int i = 0; i < kPipeReads && open_ && Read(0); ++i) {
    }
    return std::move(result_);
  }

 private:
  // Waits for output or the end, for a moment.
  void Step() {
    if (open_) {
      Read(kPollMs);
    } else {
      poll(nullptr, 0, kClosedPollMs);
    }
    int status = 0;
    const pid_t waited = waitpid(pid_, &status, WNOHANG);
    if (waited == 0 || (waited < 0 && errno == EINTR)) return;
    CHECK_EQ(waited, pid_);
    ended_ = true;
    result_.wall_ns = NowNs() - started_;
    result_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    result_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + result_.signal;
  }

  // Takes what there is within the time. False when there was nothing.
  bool Read(int milliseconds) {
    pollfd stream = {err_, POLLIN, 0};
    if (poll(&stream, 1, milliseconds) <= 0) return false;
    char buffer[kReadBytes];
    const ssize_t size = read(err_, buffer, sizeof(buffer));
    if (size < 0 && errno == EINTR) return false;
    open_ = size > 0;
    if (!open_) return false;
    result_.err.append(buffer, static_cast<size_t>(size));
    if (result_.err.size() > kMaxErr) result_.err.erase(0, result_.err.size() - kMaxErr);
    return true;
  }

  void Signal(int signal) const { kill(options_.timeout_ns > 0 ? -pid_ : pid_, signal); }

  const pid_t pid_;
  const int err_;
  const uint64_t started_;
  const ChildOptions& options_;
  ChildResult result_;
  bool open_ = true;  // its stderr
  bool told_ = false;
  bool ended_ = false;
};

}  // namespace

absl::StatusOr<ChildResult> RunChild(const std::vector<std::string>& args, const ChildOptions& options) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "cannot make a pipe");
  const uint64_t started = NowNs();
  const absl::StatusOr<pid_t> pid = Spawn(args, options, ends[1]);
  close(ends[1]);
  ChildResult result;
  if (pid.ok()) result = Child(*pid, ends[0], started, options).Wait();
  close(ends[0]);
  BITNET_RETURN_IF_ERROR(pid.status());
  return result;
}

}  // namespace bitnet
