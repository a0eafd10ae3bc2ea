// Reading what the user names: a file, or standard input.

#ifndef VERIFY_TEXT_FILE_H_
#define VERIFY_TEXT_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace bitnet::verify {

// The bytes of a file, or of standard input for "-", but never more than `max_bytes` and one: whoever has a limit then
// sees that it is passed.
absl::StatusOr<std::string> ReadTextFile(const std::string& path, size_t max_bytes);

}  // namespace bitnet::verify

#endif  // VERIFY_TEXT_FILE_H_
