// WriteNewFile: a file that was not there before, readable by whom the caller says from its first byte on.

#ifndef BITNET_BASE_NEW_FILE_H_
#define BITNET_BASE_NEW_FILE_H_

#include <sys/types.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace bitnet {

// Creates `path` with permissions `mode` (0600: its owner alone), less the umask's, and flushes it to the disk.
// AlreadyExists when something has that name, be it a dangling link: it is left as it is. After another error there is
// no file.
absl::Status WriteNewFile(const std::string& path, std::string_view bytes, mode_t mode);

}  // namespace bitnet

#endif  // BITNET_BASE_NEW_FILE_H_
