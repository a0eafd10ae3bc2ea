// Files that one command line names must be as many as its flags.

#ifndef XTASK_DISTINCT_PATHS_H_
#define XTASK_DISTINCT_PATHS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace bitnet::xtask {

struct NamedPath {
  std::string flag;  // "--receipt"
  std::string path;  // empty: the flag was not given
};

// InvalidArgument when a file to write is one that is read, or is written twice: whichever came last would be all that
// is left. Links are followed; files need not exist. Call it before anything is removed.
absl::Status CheckDistinct(const std::vector<NamedPath>& read, const std::vector<NamedPath>& written);

}  // namespace bitnet::xtask

#endif  // XTASK_DISTINCT_PATHS_H_
