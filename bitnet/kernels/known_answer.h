// Known-answer tests of kernels: fixed adversarial inputs, and the comparison, bit for bit, with the plain answer.

#ifndef BITNET_KERNELS_KNOWN_ANSWER_H_
#define BITNET_KERNELS_KNOWN_ANSWER_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"

namespace bitnet {

// Contents that arithmetic gets wrong first. None holds NaN or infinity.
enum class Pattern : uint8_t {
  kZeros,        // +0 and -0 in turn
  kDenormals,    // below 2^-126, both signs
  kLarge,        // around 2^127, both signs
  kAlternating,  // +1, -1, +1, ...
  kRandom,       // uniform in [-4, 4)
};
inline constexpr Pattern kPatterns[] = {Pattern::kZeros, Pattern::kDenormals, Pattern::kLarge, Pattern::kAlternating,
                                        Pattern::kRandom};

std::string_view PatternName(Pattern pattern);

// A pure function of (pattern, seed, index): the same bits on every machine.
void FillPattern(Pattern pattern, uint64_t seed, std::span<float> out);

// Collects one kernel's outputs. The digest depends on the answers and not on the kernel, so every instruction set
// gives the same one.
class KnownAnswer {
 public:
  explicit KnownAnswer(KernelId kernel) : kernel_(kernel) {}

  // Internal error naming the kernel, `test_case` (such as "dim=33 random") and the first element whose bits differ.
  absl::Status Compare(std::string_view test_case, std::span<const float> expected, std::span<const float> got);

  // Call once, last.
  Digest Finish() { return hash_.Finish(); }

 private:
  const KernelId kernel_;
  Sha256 hash_;
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_KNOWN_ANSWER_H_
