// Public keys that the command line names.

#ifndef XTASK_PUBLIC_KEYS_H_
#define XTASK_PUBLIC_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/attest/ed25519.h"

namespace bitnet::xtask {

// One key of each file, PEM or hexadecimal. Errors begin with the path.
absl::StatusOr<std::vector<attest::PublicKey>> ReadPublicKeys(const std::vector<std::string>& paths);

}  // namespace bitnet::xtask

#endif  // XTASK_PUBLIC_KEYS_H_
