// HfConfig: config.json of a Hugging Face model directory, as far as a conversion needs it, checked.

#ifndef BITNET_HF_HF_CONFIG_H_
#define BITNET_HF_HF_CONFIG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/kernels/catalog/architecture.h"

namespace bitnet {

// What the number beside a packed matrix means.
enum class HfScale : uint8_t {
  kDirect,   // weight = scale * trit
  kInverse,  // weight = trit / scale
};
// "direct", "inverse": the values of --weight-scale.
std::string_view HfScaleName(HfScale scale);
// InvalidArgument for another name.
absl::StatusOr<HfScale> ParseHfScale(std::string_view name);

// "quantization_config" with quant_method "bitnet". The class of the linear layers decides what a scale means:
// BitLinear of the transformers library divides its output by weight_scale, AutoBitLinear multiplies by it. A
// configuration without linear_class is one of BitLinear there, and so it is here.
struct HfQuantization {
  std::string linear_class;  // "bitlinear", "autobitlinear"
  bool linear_class_given = true;
  // Weights are floats, made ternary in every forward pass by their mean magnitude: absmean of bitnet/quant/quantize.h.
  bool online = false;
  HfScale scale() const { return linear_class == "autobitlinear" ? HfScale::kDirect : HfScale::kInverse; }
};

struct HfConfig {
  std::string model_type;                      // "bitnet"
  const Architecture* architecture = nullptr;  // that the GGUF file gets; never null
  uint64_t layers = 0;
  uint64_t hidden = 0;
  uint64_t ffn = 0;
  uint64_t heads = 0;
  uint64_t kv_heads = 0;
  uint64_t head_dim = 0;
  uint64_t vocab = 0;
  uint64_t context = 0;
  float rms_eps = 0;
  float rope_theta = 0;
  std::optional<bool> tied_head;  // nothing: as the tensors are
  std::optional<HfQuantization> quantization;
  std::optional<uint64_t> bos, pad;
  std::vector<uint64_t> eos;  // of "eos_token_id", a number or a list

  uint64_t q_dim() const { return heads * head_dim; }
  uint64_t kv_dim() const { return kv_heads * head_dim; }
};

// Unimplemented, by name: another architecture, activation, quantization method, rope scaling, biases, norms inside the
// linear layers, a shape that the engine would refuse in the GGUF file (model_limits.h). InvalidArgument: not JSON, a
// member missing, of another kind, out of range or contradicting another.
absl::StatusOr<HfConfig> ParseHfConfig(std::string_view json);

}  // namespace bitnet

#endif  // BITNET_HF_HF_CONFIG_H_
