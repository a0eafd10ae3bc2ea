// Codes of I2_S (i2s.h) made and read one weight at a time: what tests hold the block kernels to.

#ifndef BITNET_QUANT_I2S_TESTING_H_
#define BITNET_QUANT_I2S_TESTING_H_

#include <cstdint>
#include <span>

namespace bitnet {

// trits [n], each -1, 0 or +1, n a multiple of 128; packed [n / 4]. Anything else is an invariant violation.
void PackI2s(std::span<const int8_t> trits, std::span<uint8_t> packed);

// packed [n / 4], n a multiple of 128, checked by CheckI2sCodes; trits [n].
void UnpackI2s(std::span<const uint8_t> packed, std::span<int8_t> trits);

}  // namespace bitnet

#endif  // BITNET_QUANT_I2S_TESTING_H_
