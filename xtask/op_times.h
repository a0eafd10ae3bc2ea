// Where the time of a phase went: by operation, from what the recorder had before and after it.

#ifndef XTASK_OP_TIMES_H_
#define XTASK_OP_TIMES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bitnet/kernels/recorder.h"

namespace bitnet::xtask {

// All kernels of one operation together, or a part of the phase that is none's.
struct OpTime {
  std::string op;  // its id in receipts, or one of the two names below
  uint64_t calls = 0;
  uint64_t ns = 0;
  uint64_t macs = 0;
  uint64_t bytes = 0;  // of weights and KV cache read, as WorkCount has them

  double gbps() const { return ns == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(ns); }
  // 10^9 operations a second; a multiply-accumulate is two.
  double gops() const { return ns == 0 ? 0 : 2 * static_cast<double>(macs) / static_cast<double>(ns); }
  // Operations per byte; 0 when there is neither.
  double intensity() const { return bytes == 0 ? 0 : 2 * static_cast<double>(macs) / static_cast<double>(bytes); }
};

// Inside forward passes, but in no kernel: checks and dispatch.
inline constexpr char kPassRest[] = "rest_of_pass";
// Outside forward passes and choices: trace commitment, text, bookkeeping.
inline constexpr char kBetweenPasses[] = "between_passes";

// Operations that were called between `before` and `after`, the later state of the same recorder, in a phase that took
// `phase_ns`: the longest first, then the two rests. The times add up to phase_ns, but for clocks that were read apart.
std::vector<OpTime> OpTimes(const Recorder& before, const Recorder& after, uint64_t phase_ns);

}  // namespace bitnet::xtask

#endif  // XTASK_OP_TIMES_H_
