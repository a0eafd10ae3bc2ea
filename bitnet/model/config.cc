#include "bitnet/model/config.h"

#include <cmath>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/catalog/model_limits.h"
#include "bitnet/tensor/ternary_view.h"

namespace bitnet {
namespace {

using model_limits::kHeadDimMultiple;
using model_limits::kMaxContext;
using model_limits::kMaxHeadDim;
using model_limits::kMaxHeads;
using model_limits::kMaxLayers;
using model_limits::kMaxVocab;
using model_limits::kMaxWidth;
static_assert(model_limits::kWidthMultiple == kI2sBlock);

absl::Status Bad(std::string_view key, std::string_view expected, uint64_t got) {
  return absl::InvalidArgumentError(absl::StrCat(key, ": expected ", expected, ", got ", got));
}

// Reads keys below one architecture's prefix.
class Keys {
 public:
  Keys(const GgufFile& file, std::string_view prefix) : file_(file), prefix_(prefix) {}

  std::string Name(std::string_view key) const { return absl::StrCat(prefix_, ".", key); }

  absl::StatusOr<uint64_t> Integer(std::string_view key, uint64_t max) const {
    BITNET_ASSIGN_OR_RETURN(const uint64_t value, file_.GetU64(Name(key)));
    if (value == 0 || value > max) return Bad(Name(key), absl::StrCat("1..", max), value);
    return value;
  }

  absl::StatusOr<float> PositiveFloat(std::string_view key) const {
    BITNET_ASSIGN_OR_RETURN(const float value, file_.GetF32(Name(key)));
    if (!std::isfinite(value) || !(value > 0)) {
      return absl::InvalidArgumentError(absl::StrCat(Name(key), ": expected a positive number, got ", value));
    }
    return value;
  }

  bool Has(std::string_view key) const { return file_.Find(Name(key)) != nullptr; }

 private:
  const GgufFile& file_;
  std::string_view prefix_;
};

absl::StatusOr<const Architecture*> ReadArchitecture(const GgufFile& file) {
  BITNET_ASSIGN_OR_RETURN(const std::string_view name, file.GetString("general.architecture"));
  const Architecture* architecture = FindArchitecture(name);
  if (architecture != nullptr) return architecture;
  return absl::UnimplementedError(absl::StrCat("general.architecture: \"", absl::CHexEscape(name.substr(0, 64)),
                                               "\" is not one that this engine runs; known: ", ArchitectureNames()));
}

// The size of one head: attention.key_length where the file has it, else an equal share of the hidden size.
absl::StatusOr<uint64_t> ReadHeadDim(const Keys& keys, const ArchShape& shape) {
  if (keys.Has("attention.key_length")) {
    BITNET_ASSIGN_OR_RETURN(const uint64_t key_length, keys.Integer("attention.key_length", kMaxHeadDim));
    if (keys.Has("attention.value_length")) {
      BITNET_ASSIGN_OR_RETURN(const uint64_t value_length, keys.Integer("attention.value_length", kMaxHeadDim));
      if (value_length != key_length) {
        return Bad(keys.Name("attention.value_length"), absl::StrCat(key_length, " (attention.key_length)"),
                   value_length);
      }
    }
    return key_length;
  }
  if (keys.Has("attention.value_length")) {
    return absl::InvalidArgumentError(absl::StrCat(keys.Name("attention.value_length"), ": expected beside ",
                                                   keys.Name("attention.key_length"), ", which is missing"));
  }
  if (shape.hidden % shape.heads != 0) {
    return Bad(keys.Name("attention.head_count"), absl::StrCat("a divisor of embedding_length ", shape.hidden),
               shape.heads);
  }
  return shape.hidden / shape.heads;
}

absl::StatusOr<float> ReadRopeFreqBase(const Keys& keys, const Architecture& architecture) {
  if (architecture.default_rope_freq_base > 0 && !keys.Has("rope.freq_base")) {
    return architecture.default_rope_freq_base;
  }
  BITNET_ASSIGN_OR_RETURN(const float base, keys.PositiveFloat("rope.freq_base"));
  if (base >= model_limits::kMinRopeFreqBase) return base;
  return absl::InvalidArgumentError(absl::StrCat(keys.Name("rope.freq_base"), ": expected at least ",
                                                 model_limits::kMinRopeFreqBase, ", got ", base));
}

// A router and several feed-forward parts are another graph.
absl::Status CheckNoExperts(const GgufFile& file, const Keys& keys) {
  if (!keys.Has("expert_count")) return absl::OkStatus();
  BITNET_ASSIGN_OR_RETURN(const uint64_t experts, file.GetU64(keys.Name("expert_count")));
  if (experts == 0) return absl::OkStatus();
  return absl::UnimplementedError(
      absl::StrCat(keys.Name("expert_count"), ": mixtures of experts are not implemented, expected 0, got ", experts));
}

// Only plain RoPE over the whole head is implemented; "linear" with factor 1 says the same in more words.
absl::Status CheckRope(const GgufFile& file, const Keys& keys, uint64_t head_dim) {
  if (keys.Has("rope.dimension_count")) {
    BITNET_ASSIGN_OR_RETURN(const uint64_t dims, keys.Integer("rope.dimension_count", kMaxHeadDim));
    if (dims != head_dim) {
      return Bad(keys.Name("rope.dimension_count"), absl::StrCat(head_dim, " (the head dimension)"), dims);
    }
  }
  if (!keys.Has("rope.scaling.type")) return absl::OkStatus();
  BITNET_ASSIGN_OR_RETURN(const std::string_view type, file.GetString(keys.Name("rope.scaling.type")));
  if (type == "none") return absl::OkStatus();
  if (type == "linear") {
    if (!keys.Has("rope.scaling.factor")) return absl::OkStatus();
    BITNET_ASSIGN_OR_RETURN(const float factor, keys.PositiveFloat("rope.scaling.factor"));
    if (factor == 1.0f) return absl::OkStatus();
    return absl::UnimplementedError(
        absl::StrCat(keys.Name("rope.scaling.factor"), ": only factor 1 is implemented, got ", factor));
  }
  return absl::UnimplementedError(
      absl::StrCat(keys.Name("rope.scaling.type"), ": only none and linear are implemented, got \"", type, "\""));
}

absl::Status CheckShape(const Keys& keys, const Architecture& architecture, const ArchShape& shape) {
  const auto block_multiple = absl::StrCat("a multiple of ", kI2sBlock, " (the I2_S block)");
  if (shape.hidden % kI2sBlock != 0) return Bad(keys.Name("embedding_length"), block_multiple, shape.hidden);
  if (shape.ffn % kI2sBlock != 0) return Bad(keys.Name("feed_forward_length"), block_multiple, shape.ffn);
  if (shape.heads % shape.kv_heads != 0) {
    return Bad(keys.Name("attention.head_count_kv"), absl::StrCat("a divisor of head_count ", shape.heads),
               shape.kv_heads);
  }
  if (shape.head_dim % kHeadDimMultiple != 0 || shape.head_dim > kMaxHeadDim) {
    return absl::InvalidArgumentError(absl::StrCat(
        "head dimension (",
        keys.Has("attention.key_length") ? keys.Name("attention.key_length") : "embedding_length / head_count",
        "): expected a multiple of ", kHeadDimMultiple, " up to ", kMaxHeadDim, ", got ", shape.head_dim));
  }
  const uint64_t q_dim = shape.heads * shape.head_dim;
  if (q_dim == shape.hidden) return absl::OkStatus();
  if (!architecture.own_head_dim) {
    return absl::InvalidArgumentError(absl::StrCat(keys.Name("attention.key_length"), ": expected head_count x ",
                                                   "key_length = embedding_length ", shape.hidden, ", got ", q_dim));
  }
  if (q_dim % kI2sBlock != 0 || q_dim > kMaxWidth) {
    return absl::InvalidArgumentError(absl::StrCat(keys.Name("attention.key_length"), ": expected head_count x ",
                                                   "key_length to be ", block_multiple, " up to ", kMaxWidth, ", got ",
                                                   q_dim));
  }
  return absl::OkStatus();
}

// Absent or the number of tokens.
absl::Status CheckVocabulary(const Keys& keys, uint64_t tokens) {
  if (tokens == 0 || tokens > kMaxVocab) {
    return Bad("tokenizer.ggml.tokens", absl::StrCat("1..", kMaxVocab, " tokens"), tokens);
  }
  if (!keys.Has("vocab_size")) return absl::OkStatus();
  BITNET_ASSIGN_OR_RETURN(const uint64_t vocab, keys.Integer("vocab_size", kMaxVocab));
  if (vocab == tokens) return absl::OkStatus();
  return Bad(keys.Name("vocab_size"), absl::StrCat(tokens, " (the length of tokenizer.ggml.tokens)"), vocab);
}

}  // namespace

absl::StatusOr<ModelConfig> ReadModelConfig(const GgufFile& file) {
  BITNET_ASSIGN_OR_RETURN(const Architecture* architecture, ReadArchitecture(file));
  ModelConfig config;
  config.architecture = architecture->name;
  config.rope_form = architecture->rope;
  if (file.Find("general.name") != nullptr) {
    BITNET_ASSIGN_OR_RETURN(config.name, file.GetString("general.name"));
  }
  const Keys keys(file, config.architecture);
  ArchShape& shape = config.shape;
  shape.activation = architecture->activation;
  shape.sub_norms = architecture->sub_norms;
  shape.untied_head = architecture->may_untie_head && file.FindTensor("output.weight") != nullptr;
  BITNET_ASSIGN_OR_RETURN(shape.layers, keys.Integer("block_count", kMaxLayers));
  BITNET_ASSIGN_OR_RETURN(shape.hidden, keys.Integer("embedding_length", kMaxWidth));
  BITNET_ASSIGN_OR_RETURN(shape.ffn, keys.Integer("feed_forward_length", kMaxWidth));
  BITNET_ASSIGN_OR_RETURN(shape.heads, keys.Integer("attention.head_count", kMaxHeads));
  shape.kv_heads = shape.heads;
  if (keys.Has("attention.head_count_kv")) {
    BITNET_ASSIGN_OR_RETURN(shape.kv_heads, keys.Integer("attention.head_count_kv", kMaxHeads));
  }
  BITNET_ASSIGN_OR_RETURN(shape.head_dim, ReadHeadDim(keys, shape));
  BITNET_RETURN_IF_ERROR(CheckShape(keys, *architecture, shape));
  BITNET_RETURN_IF_ERROR(CheckRope(file, keys, shape.head_dim));
  BITNET_RETURN_IF_ERROR(CheckNoExperts(file, keys));
  BITNET_ASSIGN_OR_RETURN(const GgufArray* tokens, file.GetArray("tokenizer.ggml.tokens", GgufType::kString));
  shape.vocab = tokens->count;
  BITNET_RETURN_IF_ERROR(CheckVocabulary(keys, shape.vocab));
  BITNET_ASSIGN_OR_RETURN(config.context_length, keys.Integer("context_length", kMaxContext));
  BITNET_ASSIGN_OR_RETURN(config.rms_eps, keys.PositiveFloat("attention.layer_norm_rms_epsilon"));
  BITNET_ASSIGN_OR_RETURN(config.rope_freq_base, ReadRopeFreqBase(keys, *architecture));
  return config;
}

}  // namespace bitnet
