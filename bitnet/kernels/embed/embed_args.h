// What EmbeddingLookup works on. Plain data only: the files of every instruction set include it.

#ifndef BITNET_KERNELS_EMBED_EMBED_ARGS_H_
#define BITNET_KERNELS_EMBED_EMBED_ARGS_H_

#include <cstdint>

#include "bitnet/base/f16.h"

namespace bitnet {

struct EmbeddingLookupArgs {
  const F16* table;  // [vocab][dim]
  int64_t vocab;
  int64_t dim;
  const int32_t* ids;  // [rows], each in [0, vocab)
  int64_t rows;
  float* out;  // [rows][dim]
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_EMBED_EMBED_ARGS_H_
