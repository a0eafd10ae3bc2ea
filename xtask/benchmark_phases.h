// The rows of a benchmark's single sequence, from what its repetitions recorded.

#ifndef XTASK_BENCHMARK_PHASES_H_
#define XTASK_BENCHMARK_PHASES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bitnet/engine/generate.h"
#include "bitnet/kernels/recorder.h"
#include "xtask/benchmark_result.h"

namespace bitnet::xtask {

// Bytes of weights and KV cache that the recorded decode passes read, per token that they kept; 0 without such a pass.
uint64_t DecodeBytesPerToken(const ArchShape& shape, IsaSet isa, const Recorder& recorded);

// What the repetitions have in common.
struct PhaseFacts {
  ArchShape shape;
  IsaSet isa;
  size_t shown = 0;         // the repetition whose operations are shown, an index
  int64_t max_draft = 0;    // of the request
  uint64_t probe_mbps = 0;  // read bandwidth; 0: not measured
};

// Prefill and, when it chose more than one token, decode. `repetitions`, one or more, are of one request and have the
// same tokens.
std::vector<PhaseResult> SinglePhases(const PhaseFacts& facts, std::span<const Completion* const> repetitions);

}  // namespace bitnet::xtask

#endif  // XTASK_BENCHMARK_PHASES_H_
