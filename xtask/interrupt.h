// Ctrl-C: the first asks the running command to stop after its current step, the second kills.

#ifndef XTASK_INTERRUPT_H_
#define XTASK_INTERRUPT_H_

#include <atomic>

namespace bitnet::xtask {

// Installs the handlers of SIGINT and SIGTERM and returns the flag that they set. Call once, from main.
const std::atomic<bool>& InstallInterruptHandler();

}  // namespace bitnet::xtask

#endif  // XTASK_INTERRUPT_H_
