// Reading what the user gives: files, or standard input.

#ifndef XTASK_INPUT_H_
#define XTASK_INPUT_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace bitnet::xtask {

// The bytes of a file; "-" is standard input. ResourceExhausted beyond `limit` bytes: more would not be what was meant.
absl::StatusOr<std::string> ReadInput(const std::string& path, size_t limit);

}  // namespace bitnet::xtask

#endif  // XTASK_INPUT_H_
