// Loops: the inner loops of CA-1 (docs/kernels.md) for the auditor, each written once in plain C++ and compiled twice:
// as it stands, and for AVX2 with FMA, where the compiler turns the 32 lanes into registers. Which of the two runs does
// not show in any bit: CA-1 fixes every operation and its order, and integers are exact.

#ifndef VERIFY_INDEPENDENT_LOOPS_H_
#define VERIFY_INDEPENDENT_LOOPS_H_

#include <cstddef>
#include <cstdint>

namespace bitnet::verify::independent {

struct Loops {
  // lane[i % 32] = fma(a[i], b[i], lane[i % 32]), then the tree. count is a multiple of 32.
  float (*dot)(const float* a, const float* b, size_t count);
  // lane[i % 32] = lane[i % 32] + a[i], then the tree.
  float (*sum)(const float* a, size_t count);
  // x[i] = Exp(x[i] - largest), where no x is above `largest`.
  void (*exp_below)(float* x, float largest, size_t count);
  // sums[i] = fma(factor, x[i], sums[i]). count is a multiple of 32; the two do not overlap.
  void (*add_scaled)(float factor, const float* x, float* sums, size_t count);
  // The largest |x|; NaN when one x is, +0 of none.
  float (*largest_magnitude)(const float* x, size_t count);
  // x[i] = f32 of the i-th binary16 at `halves`, little-endian, which must be finite.
  void (*from_f16)(const uint8_t* halves, float* x, size_t count);
  // sum of trits[i] * x[i], which the caller knows to fit: |x| <= 128, count <= 65536.
  int32_t (*dot_trits)(const int16_t* trits, const int16_t* x, size_t count);
};

const Loops& PlainLoops();
// Those for this CPU: the plain ones where it has no AVX2 and FMA.
const Loops& BestLoops();

}  // namespace bitnet::verify::independent

#endif  // VERIFY_INDEPENDENT_LOOPS_H_
