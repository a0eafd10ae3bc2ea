// The private key that a command signs with.

#ifndef XTASK_PRIVATE_KEY_H_
#define XTASK_PRIVATE_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "bitnet/attest/ed25519.h"

namespace bitnet::xtask {

// The Ed25519 key of a PEM file; "-" is standard input. Errors name the path. A file that others than its owner may
// read is said on stderr, and used.
absl::StatusOr<attest::PrivateKey> ReadPrivateKey(const std::string& path);

}  // namespace bitnet::xtask

#endif  // XTASK_PRIVATE_KEY_H_
