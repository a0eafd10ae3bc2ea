// Wrong products, made in every way that came to mind, against Freivalds' test. For tests and for the long run.

#ifndef VERIFY_INDEPENDENT_FORGERIES_H_
#define VERIFY_INDEPENDENT_FORGERIES_H_

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "verify/independent/freivalds.h"

namespace bitnet::verify::independent {

enum class Forgery : uint8_t {
  kOneOff,         // one output by one
  kOneAnywhere,    // one output by any amount in range
  kPowerOfTwo,     // one output by a power of two: what wraps first
  kSumPreserving,  // two outputs by +d and -d
  kSwapped,        // two unequal outputs exchanged
  kManySumming0,   // every output changed, by amounts that add up to 0
  kAllShifted,     // every output by the same amount
  kOtherInput,     // the product of an input that differs in one element
  kOtherWeight,    // the product of weights that differ in one trit
  kRepeated,       // two outputs by multiples that cancel for secrets with a small ratio: +a and -b, a, b < 8
};
inline constexpr size_t kForgeries = 10;
std::string_view ForgeryName(Forgery forgery);

struct ForgeryTally {
  std::array<uint64_t, kForgeries> tried = {};
  std::array<uint64_t, kForgeries> accepted = {};
  uint64_t honest_refused = 0;
  uint64_t Tried() const;
  uint64_t Accepted() const;
};

// `count` products that are not W x, `count` / kForgeries or one more of each kind, for small matrices of several
// shapes. Each try, of a wrong product and of the right one, has its own secrets from `draw`. Deterministic but for
// those.
ForgeryTally TryForgeries(uint64_t count, uint64_t seed,
                          const std::function<std::vector<SecretPair>(int64_t rows)>& draw);

}  // namespace bitnet::verify::independent

#endif  // VERIFY_INDEPENDENT_FORGERIES_H_
