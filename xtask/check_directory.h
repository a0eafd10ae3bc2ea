// `inspect --check` of Hugging Face directories.

#ifndef XTASK_CHECK_DIRECTORY_H_
#define XTASK_CHECK_DIRECTORY_H_

#include <string>

#include "absl/status/statusor.h"
#include "xtask/check_report.h"

namespace bitnet::xtask {

// What is in the directory and what a conversion needs. NotFound, with the path, for one without config.json.
absl::StatusOr<CheckReport> CheckDirectory(const std::string& directory);

}  // namespace bitnet::xtask

#endif  // XTASK_CHECK_DIRECTORY_H_
