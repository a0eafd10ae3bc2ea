// The ternary tensors of a GGUF file: which codec each has, and what the codec needs besides the bytes.
//
// Loader, converter and inspector ask here, so that a file means the same to all of them. The tensor type tells the
// codec but for I2_S of 64-groups; `bitnet.ternary.*` says the rest (docs/decisions/0009). Metadata that contradicts
// the tensors, or is there and makes no sense, is an error: guessing would change weights silently.

#ifndef BITNET_TERNARY_FILE_TERNARY_FILE_H_
#define BITNET_TERNARY_FILE_TERNARY_FILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/tl_tiling.h"

namespace bitnet {

struct TernaryTensor {
  size_t index = 0;                    // in GgufFile::tensors()
  const GgufTensor* tensor = nullptr;  // of the GgufFile, which must outlive this
  const TernaryCodec* codec = nullptr;
  int64_t rows = 0;  // all dims but the first together
  int64_t cols = 0;  // dims[0]
  TlTiling tiling;   // TL1 and TL2: of this shape
  float exact_scale = 0;
  bool has_exact_scale = false;

  // For the codec's functions; points into *this.
  CodecParams Params(IsaSet isa) const;
};

// What somebody knows about the file that is not in it.
struct TernaryFileHints {
  // Of all ternary tensors; nullptr: not known. The only way to read I2_S of 64-groups without metadata.
  const TernaryCodec* codec = nullptr;
  // For TL1 and TL2 files without tilings of their own; at least one for each shape.
  std::span<const TlTiling> tilings;
};

// Every tensor of a ternary type, in directory order. No tensor data is read.
//   InvalidArgument     a shape that the codec refuses, an unknown format name, metadata or a hint that contradicts
//                       tensor types, a wrong number of scales or tilings, a scale that is negative or not finite
//   FailedPrecondition  TL1 or TL2 without tilings, a format that keeps its scales outside without scales
absl::StatusOr<std::vector<TernaryTensor>> FindTernaryTensors(const GgufFile& file, const TernaryFileHints& hints = {});

}  // namespace bitnet

#endif  // BITNET_TERNARY_FILE_TERNARY_FILE_H_
