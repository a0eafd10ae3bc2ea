// How far stored weights are from the weights that they were made of.

#ifndef BITNET_QUANT_QUANTIZATION_ERROR_H_
#define BITNET_QUANT_QUANTIZATION_ERROR_H_

#include <cstdint>
#include <span>

#include "bitnet/base/cpu_features.h"
#include "bitnet/quant/floats/float_kernels.h"

namespace bitnet {

// Of originals o and stored values d. No field is ever NaN; two can be infinite, which JSON has no word for: say
// `identical` there.
struct QuantizationError {
  uint64_t elements = 0;
  uint64_t zeros = 0;         // d that are zero
  bool identical = true;      // o == d for every element; then relative_error 0, snr_db +infinity, cosine 1
  double relative_error = 0;  // sqrt(sum (o - d)^2 / sum o^2); +infinity when only o is all zeros
  double snr_db = 0;          // 10 log10(sum o^2 / sum (o - d)^2); -infinity when only o is all zeros
  double cosine = 1;          // sum o d / sqrt(sum o^2 sum d^2); 0 when exactly one of them is all zeros
  double max_abs = 0;         // max |o - d|
};

// Sums in binary64 over eight lanes in a fixed order: the same result for every instruction set and however the pairs
// are cut into calls. Not thread-safe.
class QuantizationErrorSum {
 public:
  explicit QuantizationErrorSum(IsaSet isa) : isa_(isa) {}

  // One size (CHECK); all values finite.
  void Add(std::span<const float> original, std::span<const float> stored);
  QuantizationError Finish() const;

 private:
  IsaSet isa_;
  ErrorLanes lanes_;
  uint64_t elements_ = 0;
};

}  // namespace bitnet

#endif  // BITNET_QUANT_QUANTIZATION_ERROR_H_
