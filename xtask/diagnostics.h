// How commands speak about trouble: one line on stderr, and an exit code.

#ifndef XTASK_DIAGNOSTICS_H_
#define XTASK_DIAGNOSTICS_H_

#include "absl/status/status.h"
#include "xtask/environment.h"

namespace bitnet::xtask {

// kExitUsage for what the caller can mend (bad flags, missing or malformed files, too little room), kExitInterrupted
// for Cancelled, kExitFailed otherwise.
int ErrorExitCode(const absl::Status& status);

// Prints "error: ..." (red on a colour terminal) and returns the exit code.
int ReportError(const Environment& environment, const absl::Status& status);

}  // namespace bitnet::xtask

#endif  // XTASK_DIAGNOSTICS_H_
