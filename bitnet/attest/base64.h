// Base64 of RFC 4648, section 4, in its one canonical spelling: the standard alphabet, padded, nothing else.
//
// Readers differ in what they let through: the URL alphabet, missing padding, white space, bits after the last byte.
// Two texts that one of them decodes to the same bytes would be two envelopes around one signature; here every byte
// string has exactly one text.

#ifndef BITNET_ATTEST_BASE64_H_
#define BITNET_ATTEST_BASE64_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace bitnet::attest {

std::string EncodeBase64(std::string_view bytes);

// InvalidArgument names the first offset that is not canonical; EncodeBase64(result) is always `text` again.
absl::StatusOr<std::string> DecodeBase64(std::string_view text);

}  // namespace bitnet::attest

#endif  // BITNET_ATTEST_BASE64_H_
