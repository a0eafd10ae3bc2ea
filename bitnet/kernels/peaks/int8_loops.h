// Loops of nothing but int8 multiply-accumulates, operands in registers: one function an instruction set.

#ifndef BITNET_KERNELS_PEAKS_INT8_LOOPS_H_
#define BITNET_KERNELS_PEAKS_INT8_LOOPS_H_

#include <cstdint>

namespace bitnet {

// Operands of every product: an unsigned byte and a signed one, as weights and activations are.
inline constexpr uint8_t kLoopWeight = 2;
inline constexpr int8_t kLoopActivation = 3;

// Runs `rounds` rounds and returns how many multiply-accumulates these were. Writes the sum of all products modulo 2^32
// to `sum`, so that none can be left out.
using Int8LoopFn = uint64_t (*)(uint64_t rounds, uint32_t* sum);

uint64_t Int8LoopScalar(uint64_t rounds, uint32_t* sum);
#if defined(__x86_64__)
uint64_t Int8LoopAvx2(uint64_t rounds, uint32_t* sum);
uint64_t Int8LoopAvxVnni(uint64_t rounds, uint32_t* sum);
uint64_t Int8LoopAvx512Vnni(uint64_t rounds, uint32_t* sum);
#endif

}  // namespace bitnet

#endif  // BITNET_KERNELS_PEAKS_INT8_LOOPS_H_
