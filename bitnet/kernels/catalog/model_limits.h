// What a model's shape may be so that the kernels and the graph can run it: read by the engine when it opens a GGUF
// file, and by whoever makes one, who must not make what the engine refuses.

#ifndef BITNET_KERNELS_CATALOG_MODEL_LIMITS_H_
#define BITNET_KERNELS_CATALOG_MODEL_LIMITS_H_

#include <cstdint>

namespace bitnet::model_limits {

// Ceilings far above any model of the family; they keep every later product inside 64 bits.
inline constexpr uint64_t kMaxLayers = 1024;
inline constexpr uint64_t kMaxWidth = 1 << 19;  // kMaxTernaryK: the widest row whose integer sums are proven to fit
inline constexpr uint64_t kMaxHeads = 4096;
inline constexpr uint64_t kMaxContext = 1 << 24;
inline constexpr uint64_t kMaxVocab = 1 << 24;
// A head is screened up to this width of its rows (sums of int8 products in 32 bits); a wider one is always read whole.
inline constexpr uint64_t kMaxScreenedHidden = 1 << 16;
// Rows of ternary matrices, which are hidden, ffn and heads * head_dim wide: whole I2_S blocks.
inline constexpr uint64_t kWidthMultiple = 128;
// Attention kernels work on whole groups of 32 lanes and keep one head's row in registers or L1.
inline constexpr uint64_t kHeadDimMultiple = 32;
inline constexpr uint64_t kMaxHeadDim = 256;
// Below, frequencies grow along the head and angles leave the range that sine and cosine are computed for.
inline constexpr float kMinRopeFreqBase = 1;

}  // namespace bitnet::model_limits

#endif  // BITNET_KERNELS_CATALOG_MODEL_LIMITS_H_
