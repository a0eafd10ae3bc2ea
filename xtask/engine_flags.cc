#include "xtask/engine_flags.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"

namespace bitnet::xtask {

void AddComputeFlags(CLI::App& command, EngineFlags& flags) {
  command.add_option("-t,--threads", flags.threads, "Worker threads (default: one per usable core)")
      ->check(CLI::Range(1, 1024));
  command.add_option("--isa", flags.isa,
                     "Highest instruction set to use: auto, scalar, avx2, avx512, avx512vnni, ... (default: auto)");
  command.add_option("--prefill-chunk", flags.prefill_chunk, "Prompt tokens per forward pass")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{4096}));
}

void AddEngineFlags(CLI::App& command, EngineFlags& flags) {
  AddComputeFlags(command, flags);
  command.add_option("--context", flags.context, "KV cache positions (default: the model's context length)")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 20));
}

void AddSpeculateFlag(CLI::App& command, int64_t& max_draft) {
  command
      .add_option("--speculate", max_draft,
                  "Tokens to draft at once from repetitions in the text and to verify in one pass; 0 drafts none. The "
                  "output is the same")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{0}, kMaxDecodeRows - 1));
}

absl::StatusOr<IsaSet> ResolveIsa(const std::string& isa, IsaSet detected) {
  // A set without kernels of its own (AMX) changes nothing about dispatch, so it is not said to be used.
  if (isa == "auto") return detected.Intersect(IsasWithKernels());
  BITNET_ASSIGN_OR_RETURN(const Isa cap, ParseIsa(isa));
  if (!detected.Has(cap)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--isa ", isa, ": this CPU does not have it; it has ", absl::StrJoin(detected.Names(), ", ")));
  }
  return IsaClosure(cap).Intersect(detected).Intersect(IsasWithKernels());
}

int ResolveThreads(const EngineFlags& flags, const HostInfo& host) {
  return flags.threads > 0 ? flags.threads : std::max(1, host.logical_cores);
}

}  // namespace bitnet::xtask
