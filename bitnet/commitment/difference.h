// Where two commitments to what should be one run part.

#ifndef BITNET_COMMITMENT_DIFFERENCE_H_
#define BITNET_COMMITMENT_DIFFERENCE_H_

#include <string>

#include "bitnet/commitment/commitment_file.h"

namespace bitnet {

// "position 41, layer 3: keys and values", the first place in the order of computation at which `replayed` is another
// than `claimed`; "" when all leaves are equal. Positions and layers count from 0.
std::string FirstDifference(const Commitment& claimed, const Commitment& replayed);

}  // namespace bitnet

#endif  // BITNET_COMMITMENT_DIFFERENCE_H_
