#include "xtask/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"

namespace bitnet::xtask {
namespace {

constexpr size_t kMaxErr = 4096;
constexpr int kPollMs = 100;

absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& args, int err) {
  std::vector<char*> argv;
  for (const std::string& arg : args) argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  CHECK_EQ(posix_spawn_file_actions_init(&actions), 0);
  CHECK_EQ(posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0), 0);
  CHECK_EQ(posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0), 0);
  CHECK_EQ(posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO), 0);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return absl::ErrnoToStatus(error, absl::StrCat("cannot run ", args[0]));
  return pid;
}

// Reads until the stream ends, which is when the last process that holds it does.
std::string ReadToEnd(int descriptor, pid_t pid, const std::atomic<bool>& interrupted) {
  std::string text;
  bool told = false;
  while (true) {
    if (!told && interrupted.load(std::memory_order_relaxed)) {
      kill(pid, SIGINT);
      told = true;
    }
    pollfd stream = {descriptor, POLLIN, 0};
    const int ready = poll(&stream, 1, kPollMs);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    char buffer[1024];
    const ssize_t size = read(descriptor, buffer, sizeof(buffer));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return text;
    text.append(buffer, static_cast<size_t>(size));
    if (text.size() > kMaxErr) text.erase(0, text.size() - kMaxErr);
  }
}

}  // namespace

absl::StatusOr<ChildResult> RunChild(const std::vector<std::string>& args, const std::atomic<bool>& interrupted) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "cannot make a pipe");
  const absl::StatusOr<pid_t> pid = Spawn(args, ends[1]);
  close(ends[1]);
  ChildResult result;
  if (pid.ok()) result.err = ReadToEnd(ends[0], *pid, interrupted);
  close(ends[0]);
  BITNET_RETURN_IF_ERROR(pid.status());
  int status = 0;
  while (waitpid(*pid, &status, 0) < 0) CHECK_EQ(errno, EINTR);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace bitnet::xtask
