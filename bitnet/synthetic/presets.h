// Shapes of the models that `gen-model` can make.

#ifndef BITNET_SYNTHETIC_PRESETS_H_
#define BITNET_SYNTHETIC_PRESETS_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"

namespace bitnet {

// Everything about a synthetic model but its seed.
struct SyntheticPreset {
  std::string_view name;
  std::string_view purpose;       // one line for --help
  std::string_view architecture;  // general.architecture and prefix of the hyper-parameter keys; one of Architectures()
  int64_t layers = 0;
  int64_t hidden = 0;  // a multiple of 128, as are ffn and head_dim: the I2_S block
  int64_t ffn = 0;
  int64_t heads = 0;     // heads * head_dim == hidden
  int64_t kv_heads = 0;  // divides heads
  int64_t head_dim = 0;
  int64_t vocab = 0;           // with the special tokens, which are the last ids
  int64_t special_tokens = 0;  // >= 10: <|eot_id|> is the tenth
  int64_t merges = 0;          // >= vocab - special_tokens - 256: one for each token that is not a byte
  int64_t context = 0;         // positions
  float rms_eps = 0;
  float rope_base = 0;
  // Of what attention and feed-forward parts add, above 0. Small: the newest token wins, and text repeats itself.
  float layer_gain = 1;
  bool untied_head = false;  // output.weight beside token_embd.weight, where the architecture allows it
};

// All presets, the full-size one first. Static storage.
std::span<const SyntheticPreset> SyntheticPresets();

// NotFound, listing the known names.
absl::StatusOr<SyntheticPreset> FindPreset(std::string_view name);

// InvalidArgument naming the field when a rule stated at a field above does not hold.
absl::Status ValidatePreset(const SyntheticPreset& preset);

}  // namespace bitnet

#endif  // BITNET_SYNTHETIC_PRESETS_H_
