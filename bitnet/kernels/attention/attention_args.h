// The arguments of attention, apart from the dispatcher so that ISA files see plain data only.

#ifndef BITNET_KERNELS_ATTENTION_ATTENTION_ARGS_H_
#define BITNET_KERNELS_ATTENTION_ATTENTION_ARGS_H_

#include <cstdint>

#include "bitnet/base/f16.h"

namespace bitnet {

// Widest head that the kernels' fixed accumulators hold.
inline constexpr int64_t kMaxHeadDim = 256;

struct AttentionArgs {
  const float* q;                           // [rows][heads][head_dim], after rope
  const float* k_new;                       // [rows][kv_heads][head_dim], after rope
  const float* v_new;                       // [rows][kv_heads][head_dim]
  F16* k_cache;                             // [kv_heads][capacity][head_dim]; positions below first_position are filled
  F16* v_cache;                             // [kv_heads][capacity][head_dim]
  int64_t capacity;                         // positions the cache holds, >= first_position + rows
  int64_t first_position;                   // row r is at first_position + r and sees keys 0 .. first_position + r
  int64_t rows, heads, kv_heads, head_dim;  // heads a multiple of kv_heads; head_dim of 32, at most kMaxHeadDim
  float* scores;  // scratch, AttentionScratchFloats(capacity, pool.size()) floats, contents ignored
  float* out;     // [rows][heads][head_dim]
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_ATTENTION_ATTENTION_ARGS_H_
