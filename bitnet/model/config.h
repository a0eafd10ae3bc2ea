// ModelConfig: the hyper-parameters of a ternary model, read from GGUF metadata and checked.

#ifndef BITNET_MODEL_CONFIG_H_
#define BITNET_MODEL_CONFIG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/kernels/catalog/architecture.h"
#include "bitnet/kernels/catalog/work.h"

namespace bitnet {

struct ModelConfig {
  std::string architecture;  // a name of Architectures()
  std::string name;          // general.name, may be empty
  ArchShape shape;
  RopeForm rope_form = RopeForm::kHalfSplit;  // of attn_q's and attn_k's rows in the file; the loaded ones are split
  uint64_t context_length = 0;                // that the model was trained for
  float rms_eps = 0;
  float rope_freq_base = 0;

  uint64_t q_dim() const { return shape.heads * shape.head_dim; }
  uint64_t kv_dim() const { return shape.kv_heads * shape.head_dim; }
};

// What the graph consists of comes from the architecture's row in bitnet/kernels/catalog/architecture.cc; whether the
// head is tied, where that is open, from the presence of output.weight.
//
// Unimplemented for another architecture (named, with the known ones) and for what changes the graph (experts, rope
// scaling), NotFound for a missing key, InvalidArgument for a value out of range or two values that contradict each
// other: key, expected, got.
absl::StatusOr<ModelConfig> ReadModelConfig(const GgufFile& file);

}  // namespace bitnet

#endif  // BITNET_MODEL_CONFIG_H_
