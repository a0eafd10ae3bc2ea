#include "bitnet/quant/floats/float_kernel_table.h"

namespace bitnet {

const FloatKernels& FloatKernelsFor(IsaSet isa) {
#if defined(__x86_64__)
  if (isa.Has(Isa::kAvx512)) return kFloatKernelsAvx512;
  if (isa.Has(Isa::kAvx2)) return kFloatKernelsAvx2;
#endif
  return kFloatKernelsScalar;
}

}  // namespace bitnet
