// The synthetic 2B-4T model that `benchmark` and `doctor` use when no --model is given.

#ifndef XTASK_MODEL_CACHE_H_
#define XTASK_MODEL_CACHE_H_

#include <atomic>
#include <string>

#include "absl/status/statusor.h"
#include "xtask/environment.h"

namespace bitnet::xtask {

inline constexpr char kDefaultPreset[] = "2b-4t";
inline constexpr uint64_t kDefaultModelSeed = 1;

// Path of the cached model, made first when it is not there (about 1.2 GB; progress on stderr). Says on stderr what it
// does and where. Cancelled when `cancelled` is raised meanwhile; nothing is left behind then.
absl::StatusOr<std::string> DefaultModelPath(const Environment& environment, const std::atomic<bool>& cancelled);

}  // namespace bitnet::xtask

#endif  // XTASK_MODEL_CACHE_H_
