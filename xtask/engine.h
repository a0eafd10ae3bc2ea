// What a command that runs the engine starts with: workers, a model, the instruction sets to use.

#ifndef XTASK_ENGINE_H_
#define XTASK_ENGINE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/session.h"
#include "xtask/engine_flags.h"

namespace bitnet::xtask {

// Not moved: sessions point into it, and end before it.
struct Engine {
  Engine(int threads, IsaSet isa_to_use, int64_t chunk) : pool(threads), isa(isa_to_use), prefill_chunk(chunk) {}

  ThreadPool pool;
  const IsaSet isa;
  const int64_t prefill_chunk;
  std::unique_ptr<const LoadedModel> model;

  // With `sequences` KV caches of `context` positions.
  absl::StatusOr<std::unique_ptr<Session>> StartSession(int64_t context, int64_t sequences = 1);
};

absl::StatusOr<std::unique_ptr<Engine>> LoadEngine(const EngineFlags& flags, const std::string& model);

}  // namespace bitnet::xtask

#endif  // XTASK_ENGINE_H_
