#include "bitnet/model/config.h"

#include <cmath>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/tensor/ternary_view.h"

namespace bitnet {
namespace {

// All three names mean the same graph: sub-norms before the output and down projections, ReLU^2.
constexpr std::string_view kArchitectures[] = {"bitnet-b1.58", "bitnet-25", "bitnet"};

// Ceilings far above any model of the family; they keep every later product inside 64 bits.
constexpr uint64_t kMaxLayers = 1024;
constexpr uint64_t kMaxWidth = 1 << 19;  // kMaxTernaryK: the widest row whose integer sums are proven to fit
constexpr uint64_t kMaxHeads = 4096;
constexpr uint64_t kMaxContext = 1 << 24;
constexpr uint64_t kMaxVocab = 1 << 24;
// Attention kernels work on whole groups of 32 lanes and keep one head's row in registers or L1.
constexpr uint64_t kHeadDimMultiple = 32;
constexpr uint64_t kMaxHeadDim = 256;

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

absl::StatusOr<std::string_view> ReadArchitecture(const GgufFile& file) {
  BITNET_ASSIGN_OR_RETURN(const std::string_view name, file.GetString("general.architecture"));
  for (std::string_view known : kArchitectures) {
    if (name == known) return name;
  }
  return absl::UnimplementedError(
      absl::StrCat("general.architecture: \"", name,
                   "\" is not one that this engine runs; known: ", absl::StrJoin(kArchitectures, ", ")));
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

absl::Status CheckShape(const Keys& keys, const ArchShape& shape) {
  const auto block_multiple = absl::StrCat("a multiple of ", kI2sBlock, " (the I2_S block)");
  if (shape.hidden % kI2sBlock != 0) return Bad(keys.Name("embedding_length"), block_multiple, shape.hidden);
  if (shape.ffn % kI2sBlock != 0) return Bad(keys.Name("feed_forward_length"), block_multiple, shape.ffn);
  if (shape.hidden % shape.heads != 0) {
    return Bad(keys.Name("attention.head_count"), absl::StrCat("a divisor of embedding_length ", shape.hidden),
               shape.heads);
  }
  if (shape.heads % shape.kv_heads != 0) {
    return Bad(keys.Name("attention.head_count_kv"), absl::StrCat("a divisor of head_count ", shape.heads),
               shape.kv_heads);
  }
  if (shape.head_dim % kHeadDimMultiple != 0 || shape.head_dim > kMaxHeadDim) {
    return absl::InvalidArgumentError(
        absl::StrCat("head dimension (embedding_length / head_count): expected a multiple of ", kHeadDimMultiple,
                     " up to ", kMaxHeadDim, ", got ", shape.head_dim));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ModelConfig> ReadModelConfig(const GgufFile& file) {
  ModelConfig config;
  BITNET_ASSIGN_OR_RETURN(config.architecture, ReadArchitecture(file));
  if (file.Find("general.name") != nullptr) {
    BITNET_ASSIGN_OR_RETURN(config.name, file.GetString("general.name"));
  }
  const Keys keys(file, config.architecture);
  ArchShape& shape = config.shape;
  BITNET_ASSIGN_OR_RETURN(shape.layers, keys.Integer("block_count", kMaxLayers));
  BITNET_ASSIGN_OR_RETURN(shape.hidden, keys.Integer("embedding_length", kMaxWidth));
  BITNET_ASSIGN_OR_RETURN(shape.ffn, keys.Integer("feed_forward_length", kMaxWidth));
  BITNET_ASSIGN_OR_RETURN(shape.heads, keys.Integer("attention.head_count", kMaxHeads));
  shape.kv_heads = shape.heads;
  if (keys.Has("attention.head_count_kv")) {
    BITNET_ASSIGN_OR_RETURN(shape.kv_heads, keys.Integer("attention.head_count_kv", kMaxHeads));
  }
  shape.head_dim = shape.hidden / shape.heads;
  BITNET_RETURN_IF_ERROR(CheckShape(keys, shape));
  BITNET_RETURN_IF_ERROR(CheckRope(file, keys, shape.head_dim));
  BITNET_ASSIGN_OR_RETURN(const GgufArray* tokens, file.GetArray("tokenizer.ggml.tokens", GgufType::kString));
  shape.vocab = tokens->count;
  if (shape.vocab == 0 || shape.vocab > kMaxVocab) {
    return Bad("tokenizer.ggml.tokens", absl::StrCat("1..", kMaxVocab, " tokens"), shape.vocab);
  }
  if (keys.Has("vocab_size")) {
    BITNET_ASSIGN_OR_RETURN(const uint64_t vocab, keys.Integer("vocab_size", kMaxVocab));
    if (vocab != shape.vocab) {
      return Bad(keys.Name("vocab_size"), absl::StrCat(shape.vocab, " (the length of tokenizer.ggml.tokens)"), vocab);
    }
  }
  BITNET_ASSIGN_OR_RETURN(config.context_length, keys.Integer("context_length", kMaxContext));
  BITNET_ASSIGN_OR_RETURN(config.rms_eps, keys.PositiveFloat("attention.layer_norm_rms_epsilon"));
  BITNET_ASSIGN_OR_RETURN(config.rope_freq_base, keys.PositiveFloat("rope.freq_base"));
  // Below 1, frequencies grow along the head and angles leave the range that sine and cosine are computed for.
  if (config.rope_freq_base < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(keys.Name("rope.freq_base"), ": expected at least 1, got ", config.rope_freq_base));
  }
  return config;
}

}  // namespace bitnet
