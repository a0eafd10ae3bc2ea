// throttle PERCENT PROGRAM [ARGUMENT...]: runs a program that is stopped for PERCENT of the time, every 20 ms or so. It
// then takes at least 1 / (1 - PERCENT/100) of its time: a slowdown of known size that no program under test has to
// contain. Exits as the program does.
//
//   xtask bench-compare --command-b "throttle 5 xtask"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <ctime>

#include "absl/strings/numbers.h"
#include "bitnet/base/clock.h"

namespace {

constexpr uint64_t kPeriodNs = 20'000'000;

// At least that long, and returns how long it was.
uint64_t Sleep(uint64_t ns) {
  const uint64_t begin = bitnet::NowNs();
  timespec rest = {static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {
  }
  return bitnet::NowNs() - begin;
}

volatile std::sig_atomic_t g_child = 0;

void PassOn(int signal) {
  if (g_child > 0) kill(g_child, signal);
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t percent = 0;
  if (argc < 3 || !absl::SimpleAtoi(argv[1], &percent) || percent < 1 || percent > 90) {
    std::fprintf(stderr, "usage: throttle PERCENT(1..90) PROGRAM [ARGUMENT...]\n");
    return 2;
  }
  const pid_t child = fork();
  if (child < 0) return 1;
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a stopped program must not outlive this one
    execvp(argv[2], argv + 2);
    std::perror(argv[2]);
    _exit(127);
  }
  g_child = child;
  std::signal(SIGINT, PassOn);
  std::signal(SIGTERM, PassOn);
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    const uint64_t ran_ns = Sleep(kPeriodNs - kPeriodNs * percent / 100);
    kill(child, SIGSTOP);
    Sleep(ran_ns * percent / (100 - percent));
    kill(child, SIGCONT);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
