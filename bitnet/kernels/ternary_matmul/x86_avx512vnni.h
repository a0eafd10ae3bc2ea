// What the AVX-512 VNNI kernels share: which serves how many tokens, blocks of I2_S. For these files only.

#ifndef BITNET_KERNELS_TERNARY_MATMUL_X86_AVX512VNNI_H_
#define BITNET_KERNELS_TERNARY_MATMUL_X86_AVX512VNNI_H_

#include <cstdint>

#include "bitnet/kernels/int8_dot_avx512vnni.h"
#include "bitnet/kernels/ternary_matmul/ternary_matmul_kernels.h"

namespace bitnet {

// Up to this many tokens, unpacking weights costs more than it saves.
inline constexpr int64_t kFewTokens = 8;

// The gemm for 1 to kFewTokens tokens, which reads packed weights as the gemv does.
void I2sFewTokensAvx512Vnni(const I2sProduct& product, int64_t begin, int64_t end);

namespace {

constexpr int64_t kBlockBytes = 32;   // packed
constexpr int64_t kI2sColumns = 128;  // weights in them
constexpr int64_t kLine = 64;

}  // namespace
}  // namespace bitnet

#endif  // BITNET_KERNELS_TERNARY_MATMUL_X86_AVX512VNNI_H_
