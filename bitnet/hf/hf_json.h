// What several JSON files of a Hugging Face directory have in common.

#ifndef BITNET_HF_HF_JSON_H_
#define BITNET_HF_HF_JSON_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/json/json_object.h"

namespace bitnet {

// Models have one to five ids of a role.
inline constexpr size_t kMaxTokenIds = 64;

// A member that is a token id or a list of them, at most kMaxTokenIds; empty when it is absent. -1, which some files
// write for "none", counts as absent. InvalidArgument for anything else.
absl::StatusOr<std::vector<uint64_t>> ReadTokenIds(const JsonObject& object, std::string_view key);

}  // namespace bitnet

#endif  // BITNET_HF_HF_JSON_H_
