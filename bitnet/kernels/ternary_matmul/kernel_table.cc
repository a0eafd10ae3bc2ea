#include "bitnet/kernels/ternary_matmul/kernel_table.h"

namespace bitnet {

TernaryMatmulFn TernaryMatmulFunction(KernelId kernel) {
  switch (kernel) {
    case KernelId::kI2sGemvScalar:
      return I2sGemvScalar;
    case KernelId::kI2sGemmScalar:
      return I2sGemmScalar;
#if defined(__x86_64__)
    case KernelId::kI2sGemvAvx2:
      return I2sGemvAvx2;
    case KernelId::kI2sGemmAvx2:
      return I2sGemmAvx2;
    case KernelId::kI2sGemmAvxVnni:
      return I2sGemmAvxVnni;
    case KernelId::kI2sGemvAvx512Vnni:
      return I2sGemvAvx512Vnni;
    case KernelId::kI2sGemmAvx512Vnni:
      return I2sGemmAvx512Vnni;
#endif
    default:
      return nullptr;
  }
}

}  // namespace bitnet
