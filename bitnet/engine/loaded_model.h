// LoadedModel: a model file, mapped, parsed, checked and ready to run.

#ifndef BITNET_ENGINE_LOADED_MODEL_H_
#define BITNET_ENGINE_LOADED_MODEL_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/model/config.h"
#include "bitnet/model/weights.h"
#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet {

// Immutable; several sessions may share one. Weight views point into `file`, which is why this is never moved.
struct LoadedModel {
  MappedFile file;
  GgufFile gguf;
  ModelConfig config;
  Weights weights;
  Tokenizer tokenizer;
  uint64_t load_ns = 0;  // wall time of Load

  // Errors carry the path and say what was expected. Uses all of `pool` to scan the weights.
  static absl::StatusOr<std::unique_ptr<const LoadedModel>> Load(const std::string& path, ThreadPool& pool);
};

}  // namespace bitnet

#endif  // BITNET_ENGINE_LOADED_MODEL_H_
