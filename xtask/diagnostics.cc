#include "xtask/diagnostics.h"

#include <cstdio>
#include <string>

namespace bitnet::xtask {

int ErrorExitCode(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kCancelled:
      return kExitInterrupted;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kUnimplemented:
      return kExitUsage;
    default:
      return kExitFailed;
  }
}

int ReportError(const Environment& environment, const absl::Status& status) {
  const char* label = environment.color ? "\033[1;31merror:\033[0m" : "error:";
  std::fprintf(stderr, "%s %s\n", label, std::string(status.message()).c_str());
  return ErrorExitCode(status);
}

}  // namespace bitnet::xtask
