// The digest that binds every leaf of a commitment to one run.

#ifndef BITNET_COMMITMENT_SESSION_DIGEST_H_
#define BITNET_COMMITMENT_SESSION_DIGEST_H_

#include <string_view>

#include "bitnet/base/sha256.h"
#include "bitnet/receipt/receipt.pb.h"

namespace bitnet {

// The members of a receipt that are known before the first token and that decide the run.
inline constexpr std::string_view kSessionMembers[] = {
    "/tokens_requested",
    "/evidence/arithmetic",
    "/evidence/build/registry_digest",
    "/evidence/challenge",
    "/evidence/model",
    "/evidence/sampling",
    "/evidence/tokens/kv_reused",
    "/evidence/tokens/prompt",
    "/evidence/tokens/prompt_ids_digest",
    "/evidence/tokens/tokenizer_sha256",
};

// SHA256("bnr1/session\0" || canonical JSON of an object that has each of these members, as the receipt has it, under
// its pointer); absent members are absent. The same from a receipt that has only these, before the run, and from the
// whole.
Digest SessionDigest(const receipt::Receipt& receipt);

}  // namespace bitnet

#endif  // BITNET_COMMITMENT_SESSION_DIGEST_H_
