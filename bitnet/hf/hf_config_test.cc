#include "bitnet/hf/hf_config.h"

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "bitnet/hf/hf_texts.h"
#include "bitnet/receipt/json_writer.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

std::string ConfigJson(const HfConfigText& text, const std::function<void(JsonValue&)>& edit) {
  JsonValue config = MakeHfConfig(text);
  edit(config);
  return CanonicalJson(config);
}

absl::StatusOr<HfConfig> Parse(
    const HfConfigText& text = {}, const std::function<void(JsonValue&)>& edit = [](auto&) {}) {
  return ParseHfConfig(ConfigJson(text, edit));
}

constexpr HfConfigText kLlama = {.model_type = "llama",
                                 .class_name = "LlamaForCausalLM",
                                 .hidden_act = "silu",
                                 .hidden = 2048,
                                 .ffn = 8192,
                                 .layers = 18,
                                 .heads = 8,
                                 .kv_heads = 4,
                                 .vocab = 131072,
                                 .context = 8192,
                                 .rope_theta = 1000042.0,
                                 .tied = false,
                                 .linear_class = ""};

TEST(HfConfigTest, ReadsTheOfficialModel) {
  const auto config = Parse({.hidden = 2560,
                             .ffn = 6912,
                             .layers = 30,
                             .heads = 20,
                             .kv_heads = 5,
                             .vocab = 128256,
                             .bos = 128000,
                             .eos = 128001});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->architecture->name, "bitnet-b1.58");
  EXPECT_EQ(config->hidden, 2560u);
  EXPECT_EQ(config->ffn, 6912u);
  EXPECT_EQ(config->layers, 30u);
  EXPECT_EQ(config->heads, 20u);
  EXPECT_EQ(config->kv_heads, 5u);
  EXPECT_EQ(config->head_dim, 128u);
  EXPECT_EQ(config->kv_dim(), 640u);
  EXPECT_EQ(config->vocab, 128256u);
  EXPECT_EQ(config->context, 4096u);
  EXPECT_EQ(config->rms_eps, 1e-5f);
  EXPECT_EQ(config->rope_theta, 500000.0f);
  EXPECT_EQ(config->tied_head, true);
  ASSERT_TRUE(config->quantization.has_value());
  EXPECT_EQ(config->quantization->scale(), HfScale::kDirect);
  EXPECT_EQ(config->bos, 128000u);
  EXPECT_EQ(config->eos, std::vector<uint64_t>{128001});
}

TEST(HfConfigTest, ScalesAreInverseUnlessTheClassIsAutoBitLinear) {
  EXPECT_EQ(Parse({.linear_class = "bitlinear"})->quantization->scale(), HfScale::kInverse);
  const auto missing = Parse({.linear_class = ""});
  EXPECT_EQ(missing->quantization->scale(), HfScale::kInverse);
  EXPECT_FALSE(missing->quantization->linear_class_given);
  EXPECT_TRUE(Parse({.mode = "online"})->quantization->online);
  EXPECT_FALSE(Parse({.mode = ""})->quantization.has_value());
}

TEST(HfConfigTest, ReadsLlama) {
  const auto config = Parse(kLlama);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->architecture->name, "llama");
  EXPECT_EQ(config->head_dim, 256u);
  EXPECT_EQ(config->rope_theta, 1000042.0f);
  EXPECT_EQ(config->tied_head, false);
  const auto own = Parse(kLlama, [](JsonValue& json) { SetMember(json, "head_dim", JsonValue::Uint(128)); });
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_EQ(own->q_dim(), 1024u);
}

TEST(HfConfigTest, AbsentMembersHaveTheirDefaults) {
  const auto config = Parse(kLlama, [](JsonValue& json) {
    for (const auto name : {"hidden_act", "num_key_value_heads", "rope_theta", "tie_word_embeddings", "bos_token_id"}) {
      RemoveMember(json, name);
    }
    SetMember(json, "eos_token_id", JsonValue::MakeArray({JsonValue::Uint(11), JsonValue::Uint(12)}));
    SetMember(json, "pad_token_id", JsonValue::Int(-1));
    SetMember(json, "rope_scaling", JsonValue());
  });
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->kv_heads, 8u);
  EXPECT_EQ(config->rope_theta, 10000.0f);
  EXPECT_FALSE(config->tied_head.has_value());
  EXPECT_FALSE(config->bos.has_value());
  EXPECT_FALSE(config->pad.has_value());
  EXPECT_EQ(config->eos, (std::vector<uint64_t>{11, 12}));
  const auto newer = Parse(kLlama, [](JsonValue& json) {
    RemoveMember(json, "rope_theta");
    SetMember(json, "rope_parameters",
              JsonValue::MakeObject(
                  {{"rope_type", JsonValue::String("default")}, {"rope_theta", JsonValue::Double(250000.0)}}));
  });
  ASSERT_TRUE(newer.ok()) << newer.status();
  EXPECT_EQ(newer->rope_theta, 250000.0f);
  const auto twice = Parse(kLlama, [](JsonValue& json) {
    SetMember(json, "rope_parameters", JsonValue::MakeObject({{"rope_theta", JsonValue::Double(1000042.0)}}));
  });
  ASSERT_TRUE(twice.ok()) << twice.status();
  EXPECT_EQ(twice->rope_theta, 1000042.0f);
}

struct BadCase {
  const char* name;
  std::function<void(JsonValue&)> edit;
  const char* error;
  absl::StatusCode code;
};

std::function<void(JsonValue&)> Set(std::string_view name, JsonValue value) {
  return [name, value](JsonValue& json) { SetMember(json, name, value); };
}

TEST(HfConfigTest, SaysWhatItCannotConvert) {
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  constexpr auto kUnimplemented = absl::StatusCode::kUnimplemented;
  const auto text = [](std::string_view value) { return JsonValue::String(std::string(value)); };
  const auto quantization = [](std::string_view name, JsonValue value) {
    return [name, value](JsonValue& json) { SetMember(Member(json, "/quantization_config"), name, value); };
  };
  const BadCase cases[] = {
      {"class", Set("architectures", JsonValue::MakeArray({text("Qwen3ForCausalLM")})),
       "architectures: \"Qwen3ForCausalLM\" of model_type \"bitnet\" is not one that can be converted; known: "
       "BitNetForCausalLM of model_type bitnet",
       kUnimplemented},
      {"type", Set("model_type", text("mixtral")), "of model_type \"mixtral\"", kUnimplemented},
      {"no classes", Set("architectures", JsonValue::MakeArray({})), "expected a list of one name", kInvalid},
      {"activation", Set("hidden_act", text("silu")), "means relu2, got \"silu\"", kUnimplemented},
      {"activation missing", [](JsonValue& json) { RemoveMember(json, "hidden_act"); },
       "hidden_act: expected a text, but the member is missing", kInvalid},
      {"bias", Set("attention_bias", JsonValue::Bool(true)), "attention_bias: only models without biases",
       kUnimplemented},
      {"layers", Set("num_hidden_layers", JsonValue::Uint(0)), "expected 1 to 1024, got 0", kInvalid},
      {"layers huge", Set("num_hidden_layers", JsonValue::Uint(uint64_t{1} << 63)), "expected 1 to 1024", kInvalid},
      {"hidden text", Set("hidden_size", text("128")), "hidden_size: expected an integer", kInvalid},
      {"hidden missing", [](JsonValue& json) { RemoveMember(json, "hidden_size"); }, "hidden_size: expected an integer",
       kInvalid},
      {"hidden width", Set("hidden_size", JsonValue::Uint(192)),
       "hidden_size: the engine runs multiples of 128, got 192", kUnimplemented},
      {"ffn width", Set("intermediate_size", JsonValue::Uint(320)),
       "intermediate_size: the engine runs multiples of 128", kUnimplemented},
      {"heads", Set("num_attention_heads", JsonValue::Uint(3)), "expected a divisor of hidden_size 128", kInvalid},
      {"heads narrow", Set("num_attention_heads", JsonValue::Uint(8)),
       "head_dim: the engine runs multiples of 32 up to 256, got 16", kUnimplemented},
      {"head_dim wide", Set("head_dim", JsonValue::Uint(512)), "head_dim: the engine runs multiples of 32 up to 256",
       kUnimplemented},
      {"q width", Set("head_dim", JsonValue::Uint(96)),
       "the engine runs num_attention_heads * head_dim of multiples of 128, got 96", kUnimplemented},
      {"kv heads", Set("num_key_value_heads", JsonValue::Uint(2)), "expected a divisor of num_attention_heads 1",
       kInvalid},
      {"head_dim", Set("head_dim", JsonValue::Uint(256)), "means hidden_size / heads = 128, got 256", kUnimplemented},
      {"head_dim odd", Set("head_dim", JsonValue::Uint(63)), "the engine runs multiples of 32", kUnimplemented},
      {"vocab", Set("vocab_size", JsonValue::Uint(1 << 25)), "vocab_size: expected 1 to", kInvalid},
      {"eps", Set("rms_norm_eps", JsonValue::Double(-1)), "rms_norm_eps: expected a positive number", kInvalid},
      {"eps missing", [](JsonValue& json) { RemoveMember(json, "rms_norm_eps"); }, "rms_norm_eps: expected a number",
       kInvalid},
      {"eps vanishes", Set("rms_norm_eps", JsonValue::Double(1e-60)), "that binary32 can hold", kInvalid},
      {"rope", Set("rope_theta", JsonValue::Double(0)), "rope_theta: expected a positive number", kInvalid},
      {"rope scaling",
       Set("rope_scaling", JsonValue::MakeObject({{"rope_type", text("llama3")}, {"factor", JsonValue::Double(8)}})),
       "rope_scaling.rope_type: only plain rope, got \"llama3\" with factor 8", kUnimplemented},
      {"rope below 1", Set("rope_theta", JsonValue::Double(0.5)), "rope_theta: the engine runs at least 1, got 0.5",
       kUnimplemented},
      {"rope factor alone", Set("rope_scaling", JsonValue::MakeObject({{"factor", JsonValue::Uint(4)}})),
       "rope_scaling.factor: only plain rope, got factor 4", kUnimplemented},
      {"rope types differ",
       Set("rope_scaling", JsonValue::MakeObject({{"type", text("yarn")}, {"rope_type", text("default")}})),
       "rope_scaling.type: only plain rope, got \"yarn\"", kUnimplemented},
      {"rope twice", Set("rope_parameters", JsonValue::MakeObject({{"rope_theta", JsonValue::Uint(10000)}})),
       "rope_parameters.rope_theta: expected 500000, as config.json says elsewhere, got 10000", kInvalid},
      {"rope by layer", Set("rope_parameters", JsonValue::MakeObject({{"sliding", JsonValue::MakeObject({})}})),
       "rope_parameters.sliding: only one rope for all layers", kUnimplemented},
      {"partial rope inside",
       Set("rope_parameters", JsonValue::MakeObject({{"partial_rotary_factor", JsonValue::Double(0.25)}})),
       "rope_parameters.partial_rotary_factor: only rope over whole heads, got 0.25", kUnimplemented},
      {"partial rope", Set("partial_rotary_factor", JsonValue::Double(0.5)), "only rope over whole heads",
       kUnimplemented},
      {"method", quantization("quant_method", text("gptq")), "quant_method: expected \"bitnet\", got \"gptq\"",
       kUnimplemented},
      {"linear class", quantization("linear_class", text("bitblas")), "linear_class: expected", kUnimplemented},
      {"mode", quantization("quantization_mode", text("late")), "quantization_mode: expected", kUnimplemented},
      {"norms inside", quantization("use_rms_norm", JsonValue::Bool(true)), "use_rms_norm: a norm inside",
       kUnimplemented},
      {"tied", Set("tie_word_embeddings", JsonValue::Uint(1)), "expected true or false", kInvalid},
      {"eos many", Set("eos_token_id", JsonValue::MakeArray(JsonValue::Array(65, JsonValue::Uint(1)))),
       "eos_token_id: expected a list of at most 64 token ids, got 65", kInvalid},
      {"eos", Set("eos_token_id", text("</s>")), "eos_token_id: expected a token id or a list", kInvalid},
  };
  for (const BadCase& c : cases) {
    const absl::Status status = Parse({}, c.edit).status();
    EXPECT_EQ(status.code(), c.code) << c.name << ": " << status;
    EXPECT_TRUE(absl::StrContains(status.message(), c.error)) << c.name << ": " << status;
    EXPECT_TRUE(absl::StartsWith(status.message(), "config.json: ")) << c.name << ": " << status;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(ParseHfConfig("").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ParseHfConfig("[]").status()));
}

TEST(HfScaleTest, Names) {
  EXPECT_EQ(*ParseHfScale("direct"), HfScale::kDirect);
  EXPECT_EQ(*ParseHfScale("inverse"), HfScale::kInverse);
  EXPECT_TRUE(absl::IsInvalidArgument(ParseHfScale("reciprocal").status()));
}

}  // namespace
}  // namespace bitnet
