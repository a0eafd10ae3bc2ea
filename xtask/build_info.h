// Facts about this binary, for receipts and --version.

#ifndef XTASK_BUILD_INFO_H_
#define XTASK_BUILD_INFO_H_

#include "absl/status/statusor.h"
#include "bitnet/engine/receipt_builder.h"

namespace bitnet::xtask {

inline constexpr char kVersion[] = "0.1.0";

// Reads and hashes /proc/self/exe.
absl::StatusOr<BuildFacts> ReadBuildFacts();

}  // namespace bitnet::xtask

#endif  // XTASK_BUILD_INFO_H_
