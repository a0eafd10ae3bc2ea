// What a kernel id may look like, and words that no id may contain.

#ifndef VERIFY_RULES_KERNEL_ID_H_
#define VERIFY_RULES_KERNEL_ID_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bitnet/receipt/receipt.pb.h"

namespace bitnet::verify {

// [a-z][a-z0-9]*(_[a-z0-9]+)*, 3 to 64 bytes.
bool IsWellFormedKernelId(std::string_view id);

// The first forbidden word in `text` (ASCII case does not matter), or "". These words name things that stand in for a
// kernel, and the floating-point ways around one.
std::string ForbiddenWord(std::string_view text);

// Every kernel and op id that a receipt holds, with its path.
std::vector<std::pair<std::string, std::string_view>> AllKernelIds(const receipt::Receipt& receipt);

}  // namespace bitnet::verify

#endif  // VERIFY_RULES_KERNEL_ID_H_
