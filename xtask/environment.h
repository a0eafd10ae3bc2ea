// Environment: what xtask takes from the process's environment, read once in main.cc.

#ifndef XTASK_ENVIRONMENT_H_
#define XTASK_ENVIRONMENT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bitnet::xtask {

struct Environment {
  bool deterministic = false;                   // BITNET_DETERMINISTIC=1: no random seed is ever drawn
  std::optional<uint64_t> seed;                 // BITNET_SEED
  bool strict = false;                          // BITNET_STRICT_MODE=1, --strict
  std::vector<std::string> foreign_code;        // variables set that load other code into the process: LD_PRELOAD, ..
  bool color = false;                           // stderr is a terminal and NO_COLOR is not set
  bool progress = false;                        // stderr is a terminal
  std::string cache_dir;                        // $XDG_CACHE_HOME/bitnet or ~/.cache/bitnet
  std::map<std::string, std::string> recorded;  // the BITNET_* variables that were set and LD_PRELOAD, for receipts
};

// Exit codes of every subcommand.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;        // the run failed, or verify rejected its receipt
inline constexpr int kExitUsage = 2;         // bad flags or bad input
inline constexpr int kExitUnverifiable = 3;  // verify could not decide
inline constexpr int kExitInterrupted = 130;

}  // namespace bitnet::xtask

#endif  // XTASK_ENVIRONMENT_H_
