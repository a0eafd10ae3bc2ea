#include "xtask/private_key.h"

#include <sys/stat.h>

#include <cstdio>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/pem.h"
#include "bitnet/base/status_macros.h"
#include "xtask/input.h"

namespace bitnet::xtask {

absl::StatusOr<attest::PrivateKey> ReadPrivateKey(const std::string& path) {
  BITNET_ASSIGN_OR_RETURN(const std::string pem, ReadInput(path, attest::kMaxPemBytes));
  absl::StatusOr<attest::PrivateKey> key = attest::PrivateKey::FromPem(pem);
  if (!key.ok()) return absl::Status(key.status().code(), absl::StrCat(path, ": ", key.status().message()));
  struct stat facts;
  if (path != "-" && stat(path.c_str(), &facts) == 0 && (facts.st_mode & 077) != 0) {
    std::fprintf(stderr, "note: %s can be read by others than you: chmod 600 %s\n", path.c_str(), path.c_str());
  }
  return key;
}

}  // namespace bitnet::xtask
