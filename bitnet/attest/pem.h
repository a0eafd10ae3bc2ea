// PEM armour of RFC 7468, strictly: one block, one label, nothing around it.

#ifndef BITNET_ATTEST_PEM_H_
#define BITNET_ATTEST_PEM_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace bitnet::attest {

// Larger files hold no key that is read here.
inline constexpr size_t kMaxPemBytes = 4096;

// "-----BEGIN <label>-----", lines of 64, "-----END <label>-----", each ended by a newline.
std::string WritePem(std::string_view label, std::string_view der);

// The bytes of the one block that `text` is. Lines may be of any length and end with CR LF. InvalidArgument says which
// label was found when it is another.
absl::StatusOr<std::string> ReadPem(std::string_view label, std::string_view text);

}  // namespace bitnet::attest

#endif  // BITNET_ATTEST_PEM_H_
