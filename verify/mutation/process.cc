#include "verify/mutation/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bitnet/base/status_macros.h"

namespace bitnet::mutation {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

absl::StatusOr<pid_t> Spawn(const Command& command) {
  posix_spawn_file_actions_t actions;
  CHECK_EQ(posix_spawn_file_actions_init(&actions), 0);
  CHECK_EQ(posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0), 0);
  if (!command.output.empty()) {
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    CHECK_EQ(posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, command.output.c_str(), flags, 0644), 0);
    CHECK_EQ(posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO), 0);
  }
  if (!command.folder.empty()) {
    CHECK_EQ(posix_spawn_file_actions_addchdir_np(&actions, command.folder.c_str()), 0);
  }
  posix_spawnattr_t attributes;
  CHECK_EQ(posix_spawnattr_init(&attributes), 0);
  CHECK_EQ(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP), 0);
  std::vector<char*> args = Pointers(command.args), environment = Pointers(command.environment);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, args[0], &actions, &attributes, args.data(),
                                 command.environment.empty() ? environ : environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return absl::ErrnoToStatus(error, absl::StrCat("cannot run ", command.args[0]));
  return pid;
}

// False when the time was over first.
bool WaitFor(pid_t pid, double limit_s) {
  const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  CHECK_GE(descriptor, 0) << "pidfd_open needs Linux 5.3";
  pollfd process = {descriptor, POLLIN, 0};
  const absl::Time end = limit_s > 0 ? absl::Now() + absl::Seconds(limit_s) : absl::InfiniteFuture();
  int ready = 0;
  while (ready <= 0 && absl::Now() < end) {
    const absl::Duration left = std::min(end - absl::Now(), absl::Hours(1));
    ready = poll(&process, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
  }
  close(descriptor);
  return ready > 0;
}

}  // namespace

absl::StatusOr<Ending> RunCommand(const Command& command) {
  const absl::Time start = absl::Now();
  BITNET_ASSIGN_OR_RETURN(const pid_t pid, Spawn(command));
  Ending ending;
  ending.timed_out = !WaitFor(pid, command.limit_s);
  kill(-pid, SIGKILL);  // what it left behind, or all of it
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) CHECK_EQ(errno, EINTR);
  ending.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ending.seconds = absl::ToDoubleSeconds(absl::Now() - start);
  return ending;
}

}  // namespace bitnet::mutation
