#include "bitnet/kernels/act_quant/kernel_table.h"

namespace bitnet {

ActQuantFn ActQuantFunction(KernelId kernel) {
  switch (kernel) {
    case KernelId::kActQuantI8Scalar:
      return ActQuantI8Scalar;
#if defined(__x86_64__)
    case KernelId::kActQuantI8Avx2:
      return ActQuantI8Avx2;
    case KernelId::kActQuantI8Avx512:
      return ActQuantI8Avx512;
#endif
    default:
      return nullptr;
  }
}

}  // namespace bitnet
