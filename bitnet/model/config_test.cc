#include "bitnet/model/config.h"

#include <functional>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bitnet/gguf/gguf_editor.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/kernels/catalog/architecture.h"
#include "bitnet/model/smallest_model.h"
#include "bitnet/tensor/tensor_type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;

constexpr char kPrefix[] = "bitnet-b1.58.";

std::string Key(const std::string& name) { return kPrefix + name; }

constexpr char kLlama[] = "llama.";

absl::StatusOr<ModelConfig> Read(const GgufEditor& editor) {
  const std::vector<uint8_t> bytes = editor.Bytes();
  const absl::StatusOr<GgufFile> file = GgufFile::Parse(bytes);
  if (!file.ok()) return file.status();
  return ReadModelConfig(*file);
}

TEST(ConfigTest, ReadsEveryHyperParameter) {
  const auto config = Read(GgufEditor(SmallestModel()));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->architecture, "bitnet-b1.58");
  EXPECT_EQ(config->name, "synthetic-smallest-seed-1");
  EXPECT_EQ(config->shape, (ArchShape{1, 128, 128, 1, 1, 128, 266}));
  EXPECT_EQ(config->context_length, 64u);
  EXPECT_EQ(config->rms_eps, 1e-5f);
  EXPECT_EQ(config->rope_freq_base, 500000.0f);
  EXPECT_EQ(config->q_dim(), 128u);
  EXPECT_EQ(config->kv_dim(), 128u);
}

// What a file may leave out, and what the engine makes of that.
TEST(ConfigTest, OptionalKeys) {
  GgufEditor editor(SmallestModel());
  editor.SetU32(Key("attention.head_count"), 4);
  for (const char* key : {"attention.head_count_kv", "rope.dimension_count", "vocab_size"}) editor.Remove(Key(key));
  editor.Remove("general.name");
  const auto config = Read(editor);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->name, "");
  EXPECT_EQ(config->shape.kv_heads, 4u) << "without the key, every head has its own keys and values";
  EXPECT_EQ(config->shape.head_dim, 32u);
  EXPECT_EQ(config->shape.vocab, 266u);
}

TEST(ConfigTest, EveryNameOfTheArchitectureIsKnown) {
  for (const Architecture& architecture : Architectures()) {
    const std::string name(architecture.name);
    GgufEditor editor(SmallestModel());
    editor.SetString("general.architecture", name);
    for (const char* key :
         {"block_count", "embedding_length", "feed_forward_length", "attention.head_count", "context_length"}) {
      editor.SetU32(name + "." + key, 128);
    }
    editor.SetU32(name + ".attention.head_count", 1);
    editor.SetF32(name + ".attention.layer_norm_rms_epsilon", 1e-6f);
    editor.SetF32(name + ".rope.freq_base", 10000.0f);
    const auto config = Read(editor);
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_EQ(config->architecture, name);
    EXPECT_EQ(config->shape.layers, 128u);
    EXPECT_EQ(config->rms_eps, 1e-6f);
    EXPECT_EQ(config->shape.activation, architecture.activation);
    EXPECT_EQ(config->shape.sub_norms, architecture.sub_norms);
    EXPECT_EQ(config->rope_form, architecture.rope);
    EXPECT_FALSE(config->shape.untied_head);
  }
}

// Heads of Falcon3: 8 of 256 for a hidden size of 2048, and such whose sum is another width.
TEST(ConfigTest, LlamaHeadsHaveTheSizeOfTheirKey) {
  for (const uint32_t key_length : {32, 64, 128, 256}) {
    GgufEditor editor(SmallestModel("llama"));
    editor.SetU32("llama.attention.head_count", 4);
    editor.SetU32("llama.attention.head_count_kv", 2);
    for (const char* key : {"attention.key_length", "attention.value_length", "rope.dimension_count"}) {
      editor.SetU32(kLlama + std::string(key), key_length);
    }
    const auto config = Read(editor);
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_EQ(config->shape.head_dim, key_length);
    EXPECT_EQ(config->q_dim(), 4 * key_length);
    EXPECT_EQ(config->kv_dim(), 2 * key_length);
  }
}

TEST(ConfigTest, LlamaFilesMayLeaveOutMore) {
  GgufEditor editor(SmallestModel("llama"));
  for (const char* key : {"attention.key_length", "attention.value_length", "rope.freq_base"}) {
    editor.Remove(kLlama + std::string(key));
  }
  editor.SetU32("llama.expert_count", 0);
  const auto config = Read(editor);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->shape.head_dim, 128u);
  EXPECT_EQ(config->rope_freq_base, 10000.0f) << "what other programs take";
}

TEST(ConfigTest, TheHeadIsUntiedWhereItsTensorIs) {
  const auto read = [](const char* architecture) {
    GgufEditor editor(SmallestModel(architecture));
    editor.AddTensor("output.weight", {128, 266}, TensorType::kF16, 128 * 266 * 2, kSmallestModelFill);
    return Read(editor);
  };
  EXPECT_TRUE(read("llama")->shape.untied_head);
  EXPECT_FALSE(read("bitnet-b1.58")->shape.untied_head) << "whoever loads the weights refuses the tensor by name";
}

TEST(ConfigTest, RopeScalingThatChangesNothingIsAccepted) {
  GgufEditor editor(SmallestModel());
  editor.SetString(Key("rope.scaling.type"), "none");
  EXPECT_TRUE(Read(editor).ok());
  editor.SetString(Key("rope.scaling.type"), "linear");
  EXPECT_TRUE(Read(editor).ok());
  editor.SetF32(Key("rope.scaling.factor"), 1.0f);
  EXPECT_TRUE(Read(editor).ok());
}

struct BadConfig {
  const char* name;
  std::function<void(GgufEditor&)> edit;
  absl::StatusCode code;
  std::string message;
  const char* architecture = "bitnet-b1.58";
};
void PrintTo(const BadConfig& bad, std::ostream* out) { *out << bad.name; }

class BadConfigTest : public testing::TestWithParam<BadConfig> {};

TEST_P(BadConfigTest, SaysKeyExpectedAndGot) {
  GgufEditor editor(SmallestModel(GetParam().architecture));
  GetParam().edit(editor);
  const absl::Status status = Read(editor).status();
  EXPECT_EQ(status.code(), GetParam().code) << status;
  EXPECT_THAT(status.message(), HasSubstr(GetParam().message));
}

std::vector<BadConfig> BadConfigs() {
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  constexpr auto kMissing = absl::StatusCode::kNotFound;
  constexpr auto kUnimplemented = absl::StatusCode::kUnimplemented;
  const auto missing = [](const char* name, const std::string& key) {
    return BadConfig{name, [key](GgufEditor& e) { e.Remove(key); }, kMissing,
                     "metadata key \"" + key + "\" is missing from the file"};
  };
  const auto integer = [](const char* name, const char* key, uint32_t value, const std::string& message) {
    return BadConfig{name, [key, value](GgufEditor& e) { e.SetU32(Key(key), value); }, kInvalid, Key(key) + message};
  };
  // Keys and values alike, so that it is their size that is refused.
  const auto llama = [](const char* name, const char* key, uint32_t value, const std::string& message) {
    return BadConfig{name,
                     [key, value](GgufEditor& e) {
                       e.SetU32(kLlama + std::string(key), value);
                       e.SetU32("llama.attention.value_length", value);
                       e.SetU32("llama.rope.dimension_count", value);
                     },
                     kInvalid, message, "llama"};
  };
  const auto real = [](const char* name, const char* key, float value, const std::string& message) {
    return BadConfig{name, [key, value](GgufEditor& e) { e.SetF32(Key(key), value); }, kInvalid, Key(key) + message};
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  return {
      missing("architecture_missing", "general.architecture"),
      {"architecture_unknown", [](GgufEditor& e) { e.SetString("general.architecture", "qwen2"); }, kUnimplemented,
       "general.architecture: \"qwen2\" is not one that this engine runs; known: bitnet-b1.58, bitnet-25, bitnet, "
       "llama"},
      {"architecture_number", [](GgufEditor& e) { e.SetU32("general.architecture", 1); }, kInvalid,
       "metadata key \"general.architecture\": expected string, got u32"},
      {"name_number", [](GgufEditor& e) { e.SetU32("general.name", 1); }, kInvalid,
       "metadata key \"general.name\": expected string, got u32"},

      missing("layers_missing", Key("block_count")),
      integer("layers_zero", "block_count", 0, ": expected 1..1024, got 0"),
      integer("layers_too_many", "block_count", 1025, ": expected 1..1024, got 1025"),
      {"layers_negative", [](GgufEditor& e) { e.SetI32(Key("block_count"), -1); }, kInvalid,
       "expected an integer >= 0, got -1"},
      {"layers_huge", [](GgufEditor& e) { e.SetU64(Key("block_count"), UINT64_MAX); }, kInvalid,
       "expected 1..1024, got 18446744073709551615"},
      {"layers_text", [](GgufEditor& e) { e.SetString(Key("block_count"), "30"); }, kInvalid,
       "expected an integer, got string"},

      missing("hidden_missing", Key("embedding_length")),
      integer("hidden_zero", "embedding_length", 0, ": expected 1..524288, got 0"),
      integer("hidden_too_wide", "embedding_length", (1 << 19) + 128, ": expected 1..524288, got 524416"),
      integer("hidden_off_block", "embedding_length", 160, ": expected a multiple of 128 (the I2_S block), got 160"),

      missing("ffn_missing", Key("feed_forward_length")),
      integer("ffn_zero", "feed_forward_length", 0, ": expected 1..524288, got 0"),
      integer("ffn_too_wide", "feed_forward_length", 1 << 21, ": expected 1..524288, got 2097152"),
      integer("ffn_off_block", "feed_forward_length", 64, ": expected a multiple of 128 (the I2_S block), got 64"),

      missing("heads_missing", Key("attention.head_count")),
      integer("heads_zero", "attention.head_count", 0, ": expected 1..4096, got 0"),
      integer("heads_too_many", "attention.head_count", 4097, ": expected 1..4096, got 4097"),
      integer("heads_no_divisor", "attention.head_count", 3, ": expected a divisor of embedding_length 128, got 3"),
      integer("heads_more_than_hidden", "attention.head_count", 256,
              ": expected a divisor of embedding_length 128, got 256"),
      integer("kv_heads_zero", "attention.head_count_kv", 0, ": expected 1..4096, got 0"),
      integer("kv_heads_too_many", "attention.head_count_kv", 4097, ": expected 1..4096, got 4097"),
      integer("kv_heads_no_divisor", "attention.head_count_kv", 2, ": expected a divisor of head_count 1, got 2"),
      {"head_dim_small", [](GgufEditor& e) { e.SetU32(Key("attention.head_count"), 8); }, kInvalid,
       "head dimension (embedding_length / head_count): expected a multiple of 32 up to 256, got 16"},
      {"head_dim_large", [](GgufEditor& e) { e.SetU32(Key("embedding_length"), 384); }, kInvalid,
       "head dimension (embedding_length / head_count): expected a multiple of 32 up to 256, got 384"},

      integer("rope_dims_zero", "rope.dimension_count", 0, ": expected 1..256, got 0"),
      integer("rope_dims_half", "rope.dimension_count", 64, ": expected 128 (the head dimension), got 64"),
      {"rope_yarn", [](GgufEditor& e) { e.SetString(Key("rope.scaling.type"), "yarn"); }, kUnimplemented,
       "bitnet-b1.58.rope.scaling.type: only none and linear are implemented, got \"yarn\""},
      {"rope_type_number", [](GgufEditor& e) { e.SetU32(Key("rope.scaling.type"), 0); }, kInvalid,
       "expected string, got u32"},
      {"rope_factor",
       [](GgufEditor& e) {
         e.SetString(Key("rope.scaling.type"), "linear");
         e.SetF32(Key("rope.scaling.factor"), 4.0f);
       },
       kUnimplemented, "bitnet-b1.58.rope.scaling.factor: only factor 1 is implemented, got 4"},
      {"rope_factor_negative",
       [](GgufEditor& e) {
         e.SetString(Key("rope.scaling.type"), "linear");
         e.SetF32(Key("rope.scaling.factor"), -1.0f);
       },
       kInvalid, "bitnet-b1.58.rope.scaling.factor: expected a positive number, got -1"},

      missing("tokens_missing", "tokenizer.ggml.tokens"),
      {"tokens_none", [](GgufEditor& e) { e.SetStrings("tokenizer.ggml.tokens", {}); }, kInvalid,
       "tokenizer.ggml.tokens: expected 1..16777216 tokens, got 0"},
      {"tokens_text", [](GgufEditor& e) { e.SetString("tokenizer.ggml.tokens", "a b c"); }, kInvalid,
       "\"tokenizer.ggml.tokens\""},
      integer("vocab_zero", "vocab_size", 0, ": expected 1..16777216, got 0"),
      integer("vocab_one_less", "vocab_size", 265, ": expected 266 (the length of tokenizer.ggml.tokens), got 265"),

      missing("context_missing", Key("context_length")),
      integer("context_zero", "context_length", 0, ": expected 1..16777216, got 0"),
      integer("context_too_long", "context_length", (1 << 24) + 1, ": expected 1..16777216, got 16777217"),

      missing("eps_missing", Key("attention.layer_norm_rms_epsilon")),
      real("eps_zero", "attention.layer_norm_rms_epsilon", 0.0f, ": expected a positive number, got 0"),
      real("eps_negative", "attention.layer_norm_rms_epsilon", -1e-5f, ": expected a positive number, got -1e-05"),
      real("eps_nan", "attention.layer_norm_rms_epsilon", nan, ": expected a positive number, got nan"),
      real("eps_infinite", "attention.layer_norm_rms_epsilon", infinity, ": expected a positive number, got inf"),
      {"eps_text", [](GgufEditor& e) { e.SetString(Key("attention.layer_norm_rms_epsilon"), "1e-5"); }, kInvalid,
       "expected a number, got string"},

      integer("key_length_of_bitnet", "attention.key_length", 64,
              ": expected head_count x key_length = embedding_length 128, got 64"),
      llama("key_length_odd", "attention.key_length", 33,
            "head dimension (llama.attention.key_length): expected a multiple of 32 up to 256, got 33"),
      llama("key_length_long", "attention.key_length", 288, "llama.attention.key_length: expected 1..256, got 288"),
      llama(
          "key_length_off_block", "attention.key_length", 64,
          "llama.attention.key_length: expected head_count x key_length to be a multiple of 128 (the I2_S block) up to "
          "524288, got 64"),
      {"key_length_too_wide",
       [](GgufEditor& e) {
         e.SetU32("llama.attention.head_count", 4096);
         e.SetU32("llama.attention.head_count_kv", 1);
         e.SetU32("llama.attention.key_length", 256);
         e.SetU32("llama.attention.value_length", 256);
       },
       kInvalid, "expected head_count x key_length to be a multiple of 128 (the I2_S block) up to 524288, got 1048576",
       "llama"},
      {"value_length_other", [](GgufEditor& e) { e.SetU32("llama.attention.value_length", 64); }, kInvalid,
       "llama.attention.value_length: expected 128 (attention.key_length), got 64", "llama"},
      {"value_length_alone", [](GgufEditor& e) { e.Remove("llama.attention.key_length"); }, kInvalid,
       "llama.attention.value_length: expected beside llama.attention.key_length, which is missing", "llama"},
      {"experts", [](GgufEditor& e) { e.SetU32("llama.expert_count", 8); }, kUnimplemented,
       "llama.expert_count: mixtures of experts are not implemented, expected 0, got 8", "llama"},
      {"llama_rope_base_zero", [](GgufEditor& e) { e.SetF32("llama.rope.freq_base", 0); }, kInvalid,
       "llama.rope.freq_base: expected a positive number, got 0", "llama"},
      {"llama_rope_scaling", [](GgufEditor& e) { e.SetString("llama.rope.scaling.type", "llama3"); }, kUnimplemented,
       "llama.rope.scaling.type: only none and linear are implemented, got \"llama3\"", "llama"},

      missing("rope_base_missing", Key("rope.freq_base")),
      real("rope_base_zero", "rope.freq_base", 0.0f, ": expected a positive number, got 0"),
      real("rope_base_small", "rope.freq_base", 0.5f, ": expected at least 1, got 0.5"),
      real("rope_base_nan", "rope.freq_base", nan, ": expected a positive number, got nan"),
  };
}

INSTANTIATE_TEST_SUITE_P(All, BadConfigTest, testing::ValuesIn(BadConfigs()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace bitnet
