// The body of `xtask inspect --check`: whether a model runs here, and if not, what it is and what to do.

#ifndef XTASK_INSPECT_CHECK_H_
#define XTASK_INSPECT_CHECK_H_

#include <string>

#include "absl/status/statusor.h"
#include "xtask/check_report.h"

namespace bitnet::xtask {

// A GGUF file or a Hugging Face directory. All tensor data is read, and what nothing speaks against is loaded as a run
// would load it: "runs as it is" is the loader's word. Errors with the path: it cannot be opened, is no GGUF file whose
// directory can be read, or is a directory without config.json.
absl::StatusOr<CheckReport> CheckModel(const std::string& path);

}  // namespace bitnet::xtask

#endif  // XTASK_INSPECT_CHECK_H_
