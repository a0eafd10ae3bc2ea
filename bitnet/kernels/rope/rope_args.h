// What Rope works on. Plain data only: the files of every instruction set include it.

#ifndef BITNET_KERNELS_ROPE_ROPE_ARGS_H_
#define BITNET_KERNELS_ROPE_ROPE_ARGS_H_

#include <cstdint>

namespace bitnet {

class RopeTable;

// Contiguous rows, rotated in place; row r is at position first_position + r.
struct RopeArgs {
  float* x;  // [rows][heads][head_dim]
  int64_t rows;
  int64_t heads;
  int64_t head_dim;  // even, equal to the table's
  const RopeTable* table;
  int64_t first_position;
};

// The same for a kernel: the table's rows from first_position on.
struct RopeKernelArgs {
  float* x;  // [rows][heads][head_dim]
  int64_t heads;
  int64_t head_dim;
  const float* cosines;  // [rows][head_dim / 2]
  const float* sines;    // [rows][head_dim / 2]
};

}  // namespace bitnet

#endif  // BITNET_KERNELS_ROPE_ROPE_ARGS_H_
