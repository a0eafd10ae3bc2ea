// Ctrl-C: the first asks the running command to stop after its current step, the second kills.

#ifndef BITNET_BASE_INTERRUPT_H_
#define BITNET_BASE_INTERRUPT_H_

#include <atomic>

namespace bitnet {

// Installs the handlers of SIGINT and SIGTERM and returns the flag that they set. Call once, from main.
const std::atomic<bool>& InstallInterruptHandler();

}  // namespace bitnet

#endif  // BITNET_BASE_INTERRUPT_H_
