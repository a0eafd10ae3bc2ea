// The arguments of head screening, apart from the dispatcher so that ISA files see plain data only.

#ifndef BITNET_KERNELS_HEAD_SCREEN_ARGS_H_
#define BITNET_KERNELS_HEAD_SCREEN_ARGS_H_

#include <cstdint>

#include "bitnet/base/f16.h"

namespace bitnet {

// Table rows that a panel interleaves. Arrays over rows are padded to whole panels; padded rows are all zero.
inline constexpr int64_t kScreenPanelRows = 16;

// An int8 copy of a head in panels, and what it lacks. For every four columns a panel has 64 bytes: lane r (32 bits) is
// the four codes of row r.
//
//     | row 0: c[i] c[i+1] c[i+2] c[i+3] | row 1: c[i] ... c[i+3] |  ...  | row 15: c[i] ... c[i+3] |
struct ScreenTable {
  const int8_t* codes;      // [panels][dim / 4][16][4], -127..127; row v is scale[v] * code[v] and a rest
  const float* scale;       // [panels * 16]
  const float* rest;        // [panels * 16] at least the Euclidean norm of table row v - scale[v] * code[v]
  const float* norm;        // [panels * 16] at least that of scale[v] * code[v]
  const int32_t* code_sum;  // [panels * 16] sum of the row's codes
  int64_t vocab;
  int64_t dim;  // a multiple of 32
};

// A token row: its hidden state h is step * x and a rest, x = 128 * (high - 64) + low in -8191..8191.
struct ScreenToken {
  const uint8_t* high;  // [dim] 0..127
  const uint8_t* low;   // [dim] 0..127
  double step;
  double rest_factor;  // the logit is within rest_factor * rest[v] + norm_factor * norm[v] of what codes and x give
  double norm_factor;
  float* lower;  // [panels * 16] at most the logit
  float* upper;  // [panels * 16] at least the logit
};

struct ScreenArgs {
  ScreenTable table;
  const ScreenToken* tokens;
  int64_t rows;  // tokens, 1..kMaxScreenRows
};
inline constexpr int64_t kMaxScreenRows = 16;

// From an approximate logit and the bound of its error to floats that enclose it: their own rounding is 2^-24 of the
// value, sums in binary32 below the normal range add less than 2^-126. Every kernel does these operations in this
// order.
inline constexpr double kScreenSlack = 0x1p-22;
inline constexpr double kScreenTiny = 0x1p-126;

// One panel of a table being quantized.
struct QuantizePanelArgs {
  const F16* rows;  // [count][dim]
  int64_t count;    // 1..16
  int64_t dim;
  int8_t* codes;      // [dim / 4][16][4]
  float* scale;       // [16]
  float* rest;        // [16]
  float* norm;        // [16]
  int32_t* code_sum;  // [16]
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_HEAD_SCREEN_ARGS_H_
