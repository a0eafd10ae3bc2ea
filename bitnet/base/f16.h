// IEEE 754 binary16 <-> binary32, in integer arithmetic: the definition that every vector conversion must equal.

#ifndef BITNET_BASE_F16_H_
#define BITNET_BASE_F16_H_

#include <cstdint>

namespace bitnet {

using F16 = uint16_t;  // bit pattern

// Exact. NaN payloads are kept and quieted, as F16C does.
float F16ToF32(F16 half);

// Round to nearest, ties to even; overflow to infinity; denormals kept.
F16 F32ToF16(float value);

}  // namespace bitnet

#endif  // BITNET_BASE_F16_H_
