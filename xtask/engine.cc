#include "xtask/engine.h"

#include <utility>

#include "bitnet/base/status_macros.h"

namespace bitnet::xtask {

absl::StatusOr<std::unique_ptr<Session>> Engine::StartSession(int64_t context, int64_t sequences) {
  return Session::Create(*model, pool,
                         {.isa = isa, .context = context, .prefill_chunk = prefill_chunk, .sequences = sequences});
}

absl::StatusOr<std::unique_ptr<Engine>> LoadEngine(const EngineFlags& flags, const std::string& model) {
  BITNET_ASSIGN_OR_RETURN(const IsaSet isa, ResolveIsa(flags.isa, DetectIsaSet()));
  auto engine = std::make_unique<Engine>(ResolveThreads(flags, ReadHostInfo()), isa, flags.prefill_chunk);
  BITNET_ASSIGN_OR_RETURN(engine->model, LoadedModel::Load(model, engine->pool));
  return engine;
}

}  // namespace bitnet::xtask
