// Whether a commitment is the one that a receipt speaks of.

#ifndef VERIFY_INDEPENDENT_BINDING_H_
#define VERIFY_INDEPENDENT_BINDING_H_

#include <optional>

#include "bitnet/base/sha256.h"
#include "bitnet/commitment/commitment_file.h"
#include "bitnet/receipt/receipt.pb.h"
#include "verify/independent/difference.h"

namespace bitnet::verify::independent {

// The first member of the receipt that says another thing than model file and commitment do: digest of the file,
// session, size and roots of both trees, how many tokens were fed and chosen, and which. The field is the member's
// pointer. Empty when all agree.
std::optional<Difference> CompareWithReceipt(const receipt::Receipt& receipt, const Commitment& commitment,
                                             const Digest& model_file);

}  // namespace bitnet::verify::independent

#endif  // VERIFY_INDEPENDENT_BINDING_H_
