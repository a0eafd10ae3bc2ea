// Float matrices as ternary ones: exactly where they are ternary, by a quantizer and with its error where they are not.

#ifndef BITNET_CONVERT_FLOAT_TRITS_H_
#define BITNET_CONVERT_FLOAT_TRITS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/convert/model_source.h"
#include "bitnet/quant/float_view.h"
#include "bitnet/quant/quantize.h"

namespace bitnet {

// values -> trits [values.size()] (CHECK). Values that are all -s, 0 or +s come through exactly, whatever `quantize`
// says; others are quantized by it, and the result says how far it is from them if that is asked for, or, without it,
// are refused: InvalidArgument names the tensor, `tensor` as it may be shown, and the first value that is not ternary.
// A value that is not finite is refused by either.
absl::StatusOr<TritsRead> ReadFloatTrits(const FloatView& values, std::string_view tensor,
                                         std::optional<QuantizeMethod> quantize, IsaSet isa, MeasureError measure,
                                         std::span<int8_t> trits);

}  // namespace bitnet

#endif  // BITNET_CONVERT_FLOAT_TRITS_H_
