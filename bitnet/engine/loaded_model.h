// LoadedModel: a model file, mapped, parsed, checked and ready to run.

#ifndef BITNET_ENGINE_LOADED_MODEL_H_
#define BITNET_ENGINE_LOADED_MODEL_H_

#include <cstdint>
#include <memory>
#include <span>
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

  // The bytes of the embedding and of the head in the file. The screened head is read instead of them: what is touched
  // are the rows of tokens and of candidates, so other pages of them need not stay in memory.
  void ReleaseTables() const;

  // The longest part of the file outside of them: what a forward pass reads from the file.
  std::span<const uint8_t> StreamedBytes() const;

  // Errors carry the path and say what was expected. Uses all of `pool` to scan the weights.
  static absl::StatusOr<std::unique_ptr<const LoadedModel>> Load(const std::string& path, ThreadPool& pool);
};

}  // namespace bitnet

#endif  // BITNET_ENGINE_LOADED_MODEL_H_
