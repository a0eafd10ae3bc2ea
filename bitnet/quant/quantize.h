// Float weights to trits and a scale, and back (quantize_matrix.h: to the bytes of a format). Every function gives the
// same bits on every instruction set.
//
// Two quantizers; both give one scale for the matrix and
//
//   trit = clamp(round_half_even(w / scale), -1, +1)          0 when the scale is 0
//
//   absmax    scale = max |w|. What a matrix needs that is ternary already: an input of -s, 0 and +s comes back
//   exactly,
//             trits and scale. It is what the published I2_S files were made with, from checkpoints that are ternary.
//   absmean   scale = max(mean |w|, 1e-5). The weight quantization of BitNet b1.58 (Ma et al., "The Era of 1-bit LLMs:
//             All Large Language Models are in 1.58 Bits", arXiv 2402.17764, equations 1 to 3), with the floor of
//             Microsoft's published training code. That code multiplies by a rounded 1 / scale where this divides, and
//             takes its mean in the type of the checkpoint: results can differ where w / scale is next to one half.
//
// The mean is a binary64 sum over 32 lanes in blocks of 4096 (bitnet/quant/floats/float_kernels.h), blocks added in
// ascending order, divided by the count and rounded once to binary32.

#ifndef BITNET_QUANT_QUANTIZE_H_
#define BITNET_QUANT_QUANTIZE_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/quant/float_view.h"

namespace bitnet {

enum class QuantizeMethod : uint8_t { kAbsmax, kAbsmean };

// "absmax", "absmean".
std::string_view QuantizeMethodName(QuantizeMethod method);
// InvalidArgument lists the names.
absl::StatusOr<QuantizeMethod> ParseQuantizeMethod(std::string_view name);

inline constexpr float kAbsmeanFloor = 1e-5f;

// The scale s of a matrix whose values are all exactly -s, 0 or +s (-0 counts as 0); 0 for zeros only or no values.
// InvalidArgument names the first value that is none of these, or that is NaN or infinite.
absl::StatusOr<float> TernaryScale(const FloatView& values, IsaSet isa);

// The scale of the method. InvalidArgument names the first value that is NaN or infinite.
absl::StatusOr<float> QuantizationScale(const FloatView& values, QuantizeMethod method, IsaSet isa);

// values -> trits [values.size()] (CHECK); returns the scale. Errors as of QuantizationScale.
absl::StatusOr<float> QuantizeToTrits(const FloatView& values, QuantizeMethod method, IsaSet isa,
                                      std::span<int8_t> trits);

// values[i] = scale * trits[i], and never -0 unless the scale is 0; both spans of one size (CHECK). scale >= 0 and
// finite.
void DequantizeTrits(std::span<const int8_t> trits, float scale, IsaSet isa, std::span<float> values);

}  // namespace bitnet

#endif  // BITNET_QUANT_QUANTIZE_H_
