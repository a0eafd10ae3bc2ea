// ModelConfig: the hyper-parameters of a BitNet b1.58 model, read from GGUF metadata and checked.

#ifndef BITNET_MODEL_CONFIG_H_
#define BITNET_MODEL_CONFIG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/kernels/catalog/work.h"

namespace bitnet {

struct ModelConfig {
  std::string architecture;  // "bitnet-b1.58", "bitnet-25" or "bitnet"
  std::string name;          // general.name, may be empty
  ArchShape shape;
  uint64_t context_length = 0;  // that the model was trained for
  float rms_eps = 0;
  float rope_freq_base = 0;

  uint64_t q_dim() const { return shape.heads * shape.head_dim; }
  uint64_t kv_dim() const { return shape.kv_heads * shape.head_dim; }
};

// Unimplemented for another architecture (named, with the known ones), InvalidArgument for a missing key, a value out
// of range or two values that contradict each other: key, expected, got.
absl::StatusOr<ModelConfig> ReadModelConfig(const GgufFile& file);

}  // namespace bitnet

#endif  // BITNET_MODEL_CONFIG_H_
