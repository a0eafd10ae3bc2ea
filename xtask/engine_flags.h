// Flags that every command which runs the engine shares.

#ifndef XTASK_ENGINE_FLAGS_H_
#define XTASK_ENGINE_FLAGS_H_

#include <cstdint>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/engine/session.h"

namespace bitnet::xtask {

struct EngineFlags {
  int threads = 0;  // 0: one per core this process may use
  std::string isa = "auto";
  int64_t context = 0;  // 0: the model's own
  int64_t prefill_chunk = 256;
};

// --threads, --isa, --prefill-chunk: how to compute, which changes no answer.
void AddComputeFlags(CLI::App& command, EngineFlags& flags);

// AddComputeFlags, and --context.
void AddEngineFlags(CLI::App& command, EngineFlags& flags);

// --speculate: tokens to draft at once by prompt lookup, `max_draft`; changes no answer.
void AddSpeculateFlag(CLI::App& command, int64_t& max_draft);

// The instruction sets that this CPU has and kernels exist for, capped by --isa. InvalidArgument when the CPU lacks
// what was asked for: a cap is never silently lowered.
absl::StatusOr<IsaSet> ResolveIsa(const std::string& isa, IsaSet detected);

int ResolveThreads(const EngineFlags& flags, const HostInfo& host);

}  // namespace bitnet::xtask

#endif  // XTASK_ENGINE_FLAGS_H_
