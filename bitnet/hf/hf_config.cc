#include "bitnet/hf/hf_config.h"

#include <cmath>
#include <string>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/hf/hf_json.h"
#include "bitnet/json/json_document.h"
#include "bitnet/json/json_object.h"
#include "bitnet/kernels/catalog/model_limits.h"

namespace bitnet {
namespace {

using model_limits::kHeadDimMultiple;
using model_limits::kMaxContext;
using model_limits::kMaxHeadDim;
using model_limits::kMaxHeads;
using model_limits::kMaxLayers;
using model_limits::kMaxVocab;
using model_limits::kMaxWidth;
using model_limits::kWidthMultiple;

constexpr JsonLimits kLimits = {.max_bytes = 1 << 20, .max_depth = 16};

struct ModelRow {
  std::string_view model_type;
  std::string_view class_name;    // of "architectures"
  std::string_view architecture;  // general.architecture
  double rope_theta;              // of a configuration without one, as the class has it
};
constexpr ModelRow kModels[] = {
    {"bitnet", "BitNetForCausalLM", "bitnet-b1.58", 500000.0},
    {"bitnet", "BitnetForCausalLM", "bitnet-b1.58", 500000.0},
    {"llama", "LlamaForCausalLM", "llama", 10000.0},
};

absl::StatusOr<uint64_t> ReadSize(const JsonObject& config, std::string_view key, uint64_t max) {
  BITNET_ASSIGN_OR_RETURN(const uint64_t value, config.Uint(key));
  if (value == 0 || value > max) {
    return absl::InvalidArgumentError(absl::StrCat(config.Name(key), ": expected 1 to ", max, ", got ", value));
  }
  return value;
}

// A width of ternary matrices.
absl::StatusOr<uint64_t> ReadWidth(const JsonObject& config, std::string_view key) {
  BITNET_ASSIGN_OR_RETURN(const uint64_t value, ReadSize(config, key, kMaxWidth));
  if (value % kWidthMultiple == 0) return value;
  return absl::UnimplementedError(
      absl::StrCat(config.Name(key), ": the engine runs multiples of ", kWidthMultiple, ", got ", value));
}

absl::StatusOr<float> ReadPositive(const JsonObject& config, std::string_view key, double absent) {
  BITNET_ASSIGN_OR_RETURN(const double value, config.NumberOr(key, absent));
  const float rounded = static_cast<float>(value);
  if (!(rounded > 0) || !std::isfinite(rounded)) {
    return absl::InvalidArgumentError(
        absl::StrCat(config.Name(key), ": expected a positive number that binary32 can hold, got ", value));
  }
  return rounded;
}

absl::StatusOr<const ModelRow*> ReadModel(const JsonObject& config) {
  BITNET_ASSIGN_OR_RETURN(const std::string_view type, config.String("model_type"));
  BITNET_ASSIGN_OR_RETURN(const simdjson::dom::array classes, config.Array("architectures"));
  std::string_view name;
  if (classes.size() != 1 || classes.at(0).get(name) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(absl::StrCat(config.Name("architectures"), ": expected a list of one name"));
  }
  std::string known;
  for (const ModelRow& row : kModels) {
    if (row.model_type == type && row.class_name == name) return &row;
    absl::StrAppend(&known, known.empty() ? "" : ", ", row.class_name, " of model_type ", row.model_type);
  }
  return absl::UnimplementedError(absl::StrCat(config.Name("architectures"), ": ", QuotedText(name), " of model_type ",
                                               QuotedText(type), " is not one that can be converted; known: ", known));
}

// Where all code that reads a model type agrees on what an absent activation means; nullptr where the member must be
// there: models of type bitnet exist with relu2 and with silu.
const char* AbsentActivation(const ModelRow& model) { return model.model_type == "llama" ? "silu" : nullptr; }

absl::Status CheckActivation(const JsonObject& config, const ModelRow& model, const Architecture& architecture) {
  const std::string_view expected = ActivationName(architecture.activation);
  const char* const absent = AbsentActivation(model);
  if (absent == nullptr && !config.Has("hidden_act")) return config.String("hidden_act").status();
  BITNET_ASSIGN_OR_RETURN(const std::string_view got, config.StringOr("hidden_act", absent != nullptr ? absent : ""));
  if (got == expected) return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat(config.Name("hidden_act"), ": a GGUF file of architecture ",
                                               architecture.name, " means ", expected, ", got ", QuotedText(got)));
}

absl::Status CheckNoBias(const JsonObject& config) {
  for (const std::string_view key : {"attention_bias", "mlp_bias"}) {
    BITNET_ASSIGN_OR_RETURN(const bool bias, config.BoolOr(key, false));
    if (bias) return absl::UnimplementedError(absl::StrCat(config.Name(key), ": only models without biases, got true"));
  }
  return absl::OkStatus();
}

absl::Status CheckWholeHeads(const JsonObject& object) {
  BITNET_ASSIGN_OR_RETURN(const double rotated, object.NumberOr("partial_rotary_factor", 1.0));
  if (rotated == 1.0) return absl::OkStatus();
  return absl::UnimplementedError(
      absl::StrCat(object.Name("partial_rotary_factor"), ": only rope over whole heads, got ", rotated));
}

// Both spellings of rope's type; linear with a factor of 1 says the same as none. A factor without a type is one that
// some reader applies.
absl::Status CheckPlainRope(const JsonObject& rope) {
  BITNET_ASSIGN_OR_RETURN(const double factor, rope.NumberOr("factor", 1.0));
  for (const std::string_view key : {"type", "rope_type"}) {
    BITNET_ASSIGN_OR_RETURN(const std::string_view type, rope.StringOr(key, "default"));
    if (type == "default" || type == "linear") continue;
    return absl::UnimplementedError(
        absl::StrCat(rope.Name(key), ": only plain rope, got ", QuotedText(type), " with factor ", factor));
  }
  if (factor != 1.0) {
    return absl::UnimplementedError(absl::StrCat(rope.Name("factor"), ": only plain rope, got factor ", factor));
  }
  // One object for each kind of layer.
  for (const simdjson::dom::key_value_pair member : rope.members()) {
    if (!member.value.is_object()) continue;
    return absl::UnimplementedError(absl::StrCat(rope.Name(absl::CHexEscape(member.key.substr(0, 64))),
                                                 ": only one rope for all layers, got an object"));
  }
  return absl::OkStatus();
}

// Configurations say rope_theta beside the rest, newer ones in an object with everything of rope; what is said twice
// must be said alike.
absl::StatusOr<float> ReadRope(const JsonObject& config, double absent) {
  BITNET_RETURN_IF_ERROR(CheckWholeHeads(config));
  std::optional<float> theta;
  if (config.Has("rope_theta")) {
    BITNET_ASSIGN_OR_RETURN(theta, ReadPositive(config, "rope_theta", absent));
  }
  for (const std::string_view key : {"rope_scaling", "rope_parameters"}) {
    if (!config.Has(key)) continue;
    BITNET_ASSIGN_OR_RETURN(const JsonObject rope, config.Object(key));
    BITNET_RETURN_IF_ERROR(CheckWholeHeads(rope));
    BITNET_RETURN_IF_ERROR(CheckPlainRope(rope));
    if (!rope.Has("rope_theta")) continue;
    BITNET_ASSIGN_OR_RETURN(const float again, ReadPositive(rope, "rope_theta", absent));
    if (again != theta.value_or(again)) {
      return absl::InvalidArgumentError(
          absl::StrCat(rope.Name("rope_theta"), ": expected ", *theta, ", as config.json says elsewhere, got ", again));
    }
    theta = again;
  }
  const float base = theta.value_or(static_cast<float>(absent));
  if (base >= model_limits::kMinRopeFreqBase) return base;
  return absl::UnimplementedError(absl::StrCat(config.Name("rope_theta"), ": the engine runs at least ",
                                               model_limits::kMinRopeFreqBase, ", got ", base));
}

absl::StatusOr<std::optional<HfQuantization>> ReadQuantization(const JsonObject& config) {
  if (!config.Has("quantization_config")) return std::nullopt;
  BITNET_ASSIGN_OR_RETURN(const JsonObject object, config.Object("quantization_config"));
  BITNET_ASSIGN_OR_RETURN(const std::string_view method, object.String("quant_method"));
  if (method != "bitnet") {
    return absl::UnimplementedError(
        absl::StrCat(object.Name("quant_method"), ": expected \"bitnet\", got ", QuotedText(method)));
  }
  HfQuantization quantization;
  quantization.linear_class_given = object.Has("linear_class");
  BITNET_ASSIGN_OR_RETURN(quantization.linear_class, object.StringOr("linear_class", "bitlinear"));
  if (quantization.linear_class != "bitlinear" && quantization.linear_class != "autobitlinear") {
    return absl::UnimplementedError(absl::StrCat(object.Name("linear_class"),
                                                 ": expected \"bitlinear\" or \"autobitlinear\", got ",
                                                 QuotedText(quantization.linear_class)));
  }
  BITNET_ASSIGN_OR_RETURN(const std::string_view mode, object.StringOr("quantization_mode", "offline"));
  if (mode != "offline" && mode != "online") {
    return absl::UnimplementedError(
        absl::StrCat(object.Name("quantization_mode"), ": expected \"offline\" or \"online\", got ", QuotedText(mode)));
  }
  quantization.online = mode == "online";
  BITNET_ASSIGN_OR_RETURN(const bool norms, object.BoolOr("use_rms_norm", false));
  if (norms) {
    return absl::UnimplementedError(absl::StrCat(
        object.Name("use_rms_norm"), ": a norm inside every linear layer has no place in the graph, got true"));
  }
  return quantization;
}

absl::Status ReadShape(const JsonObject& json, HfConfig& config) {
  BITNET_ASSIGN_OR_RETURN(config.layers, ReadSize(json, "num_hidden_layers", kMaxLayers));
  BITNET_ASSIGN_OR_RETURN(config.hidden, ReadWidth(json, "hidden_size"));
  BITNET_ASSIGN_OR_RETURN(config.ffn, ReadWidth(json, "intermediate_size"));
  BITNET_ASSIGN_OR_RETURN(config.heads, ReadSize(json, "num_attention_heads", kMaxHeads));
  config.kv_heads = config.heads;
  if (json.Has("num_key_value_heads")) {
    BITNET_ASSIGN_OR_RETURN(config.kv_heads, ReadSize(json, "num_key_value_heads", kMaxHeads));
  }
  if (config.heads % config.kv_heads != 0) {
    return absl::InvalidArgumentError(absl::StrCat(json.Name("num_key_value_heads"),
                                                   ": expected a divisor of num_attention_heads ", config.heads,
                                                   ", got ", config.kv_heads));
  }
  if (json.Has("head_dim")) {
    BITNET_ASSIGN_OR_RETURN(config.head_dim, ReadSize(json, "head_dim", kMaxWidth / config.heads));
  } else if (config.hidden % config.heads == 0) {
    config.head_dim = config.hidden / config.heads;
  } else {
    return absl::InvalidArgumentError(absl::StrCat(json.Name("num_attention_heads"),
                                                   ": expected a divisor of hidden_size ", config.hidden,
                                                   " where there is no head_dim, got ", config.heads));
  }
  if (config.head_dim % kHeadDimMultiple != 0 || config.head_dim > kMaxHeadDim) {
    return absl::UnimplementedError(absl::StrCat(json.Name("head_dim"), ": the engine runs multiples of ",
                                                 kHeadDimMultiple, " up to ", kMaxHeadDim, ", got ", config.head_dim));
  }
  if (config.q_dim() % kWidthMultiple != 0) {
    return absl::UnimplementedError(absl::StrCat(json.Name("head_dim"),
                                                 ": the engine runs num_attention_heads * head_dim of multiples of ",
                                                 kWidthMultiple, ", got ", config.q_dim()));
  }
  if (config.q_dim() != config.hidden && !config.architecture->own_head_dim) {
    return absl::UnimplementedError(
        absl::StrCat(json.Name("head_dim"), ": a GGUF file of architecture ", config.architecture->name,
                     " means hidden_size / heads = ", config.hidden / config.heads, ", got ", config.head_dim));
  }
  BITNET_ASSIGN_OR_RETURN(config.vocab, ReadSize(json, "vocab_size", kMaxVocab));
  BITNET_ASSIGN_OR_RETURN(config.context, ReadSize(json, "max_position_embeddings", kMaxContext));
  return absl::OkStatus();
}

}  // namespace

std::string_view HfScaleName(HfScale scale) { return scale == HfScale::kDirect ? "direct" : "inverse"; }

absl::StatusOr<HfScale> ParseHfScale(std::string_view name) {
  for (const HfScale scale : {HfScale::kDirect, HfScale::kInverse}) {
    if (name == HfScaleName(scale)) return scale;
  }
  return absl::InvalidArgumentError(absl::StrCat("weight scale: expected direct or inverse, got ", QuotedText(name)));
}

absl::StatusOr<HfConfig> ParseHfConfig(std::string_view json) {
  BITNET_ASSIGN_OR_RETURN(const JsonDocument document, JsonDocument::Parse(json, "config.json", kLimits));
  BITNET_ASSIGN_OR_RETURN(const JsonObject root, JsonObject::FromRoot(document));
  BITNET_ASSIGN_OR_RETURN(const ModelRow* const model, ReadModel(root));
  HfConfig config;
  config.model_type = model->model_type;
  config.architecture = FindArchitecture(model->architecture);
  CHECK(config.architecture != nullptr) << model->architecture;
  BITNET_RETURN_IF_ERROR(CheckActivation(root, *model, *config.architecture));
  BITNET_RETURN_IF_ERROR(CheckNoBias(root));
  BITNET_RETURN_IF_ERROR(ReadShape(root, config));
  if (!root.Has("rms_norm_eps")) return root.Number("rms_norm_eps").status();
  BITNET_ASSIGN_OR_RETURN(config.rms_eps, ReadPositive(root, "rms_norm_eps", 0));
  BITNET_ASSIGN_OR_RETURN(config.rope_theta, ReadRope(root, model->rope_theta));
  if (root.Has("tie_word_embeddings")) {
    BITNET_ASSIGN_OR_RETURN(config.tied_head, root.Bool("tie_word_embeddings"));
  }
  BITNET_ASSIGN_OR_RETURN(config.quantization, ReadQuantization(root));
  BITNET_ASSIGN_OR_RETURN(const std::vector<uint64_t> bos, ReadTokenIds(root, "bos_token_id"));
  BITNET_ASSIGN_OR_RETURN(const std::vector<uint64_t> pad, ReadTokenIds(root, "pad_token_id"));
  BITNET_ASSIGN_OR_RETURN(config.eos, ReadTokenIds(root, "eos_token_id"));
  if (!bos.empty()) config.bos = bos[0];
  if (!pad.empty()) config.pad = pad[0];
  return config;
}

}  // namespace bitnet
