#include "xtask/public_keys.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/pem.h"
#include "bitnet/base/status_macros.h"
#include "xtask/input.h"

namespace bitnet::xtask {

absl::StatusOr<std::vector<attest::PublicKey>> ReadPublicKeys(const std::vector<std::string>& paths) {
  std::vector<attest::PublicKey> keys;
  for (const std::string& path : paths) {
    BITNET_ASSIGN_OR_RETURN(const std::string text, ReadInput(path, attest::kMaxPemBytes));
    const absl::StatusOr<attest::PublicKey> key = attest::PublicKey::FromText(text);
    if (!key.ok()) return absl::Status(key.status().code(), absl::StrCat(path, ": ", key.status().message()));
    keys.push_back(*key);
  }
  return keys;
}

}  // namespace bitnet::xtask
