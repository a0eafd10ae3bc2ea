// The arguments of the logits projection, apart from the dispatcher so that ISA files see plain data only.

#ifndef BITNET_KERNELS_HEAD_HEAD_ARGS_H_
#define BITNET_KERNELS_HEAD_HEAD_ARGS_H_

#include <cstdint>

#include "bitnet/base/f16.h"

namespace bitnet {

struct LogitsProjectionArgs {
  const F16* table;  // [vocab][dim], the tied embedding
  int64_t vocab;
  int64_t dim;
  const float* h;  // [rows][dim], after the last norm
  int64_t rows;
  float* logits;  // [rows][vocab]
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_HEAD_HEAD_ARGS_H_
