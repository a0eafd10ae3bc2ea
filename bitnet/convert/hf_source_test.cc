// Conversions of Hugging Face directories that were made from a GGUF file give that file back, byte for byte, whatever
// the checkpoint stores; and what cannot be converted is refused.

#include "bitnet/convert/hf_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/convert/convert.h"
#include "bitnet/convert/hf_directory.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/quant/i2s.h"
#include "bitnet/quant/i2s_testing.h"
#include "bitnet/synthetic/presets.h"
#include "bitnet/synthetic/synthetic_model.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

bool Quiet(std::string_view, uint64_t, uint64_t) { return true; }

std::string Bytes(const std::string& path) {
  const auto file = MappedFile::Open(path);
  CHECK(file.ok()) << file.status();
  return std::string(file->bytes().begin(), file->bytes().end());
}

std::span<const uint8_t> AsBytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Two synthetic models with scales that are powers of two: tiny for its several heads, nano to be damaged quickly.
struct Models {
  static std::string Make(std::string_view preset) {
    const std::string path = absl::StrCat(testing::TempDir(), "/", preset, ".gguf");
    CHECK(WriteSyntheticModel(
              *FindPreset(preset), 7, path, [](uint64_t, uint64_t) { return true; }, 2)
              .ok());
    const std::string bytes = Bytes(path);
    const std::vector<uint8_t> changed = WithPowerOfTwoScales(AsBytes(bytes));
    return std::string(changed.begin(), changed.end());
  }
  std::string tiny = Make("tiny");
  std::string nano = Make("nano");
};

const Models& GetModels() {
  static const Models* const models = new Models();
  return *models;
}

class HfSourceTest : public testing::Test {
 protected:
  // Named as general.name of the synthetic file, so that this key comes out alike.
  HfSourceTest() : folder_(absl::StrCat(testing::TempDir(), "/", Unique())) {
    mkdir(folder_.c_str(), 0755);
    nano_ = absl::StrCat(folder_, "/synthetic-nano-seed-7");
    out_ = absl::StrCat(folder_, "/out.gguf");
  }
  static std::string Unique() {
    std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    for (char& c : name) c = c == '/' ? '-' : c;
    return name;
  }

  HfDirectory Nano(const HfDirectoryOptions& options = {}) {
    return MakeHfDirectory(*GgufFile::Parse(AsBytes(GetModels().nano)), options);
  }

  absl::StatusOr<ConvertResult> Run(const std::string& directory, std::string_view to, const HfSourceOptions& options) {
    auto source = HfSource::Open(directory, options);
    if (!source.ok()) return source.status();
    source_ = *std::move(source);
    options_.to = FindTernaryCodec(to);
    CHECK(options_.to != nullptr) << to;
    return Convert(*source_, options_, out_, pool_, Quiet);
  }

  // Writes, opens, converts.
  absl::Status Status(const HfDirectory& model, const HfSourceOptions& options = {}) {
    model.Write(nano_);
    return Run(nano_, "i2_s", options).status();
  }
  void ExpectError(const HfDirectory& model, std::string_view text, const HfSourceOptions& options = {}) {
    const absl::Status status = Status(model, options);
    EXPECT_FALSE(status.ok());
    EXPECT_TRUE(absl::StrContains(status.message(), text)) << "expected: " << text << "\ngot: " << status;
  }

  std::string folder_, nano_, out_;
  ThreadPool pool_{2};
  ConvertOptions options_;
  std::unique_ptr<HfSource> source_;
};

struct RoundTrip {
  std::string name;
  HfDirectoryOptions directory;
  int shards = 1;
  std::string format;
};

class HfRoundTripTest : public HfSourceTest, public testing::WithParamInterface<RoundTrip> {};

TEST_P(HfRoundTripTest, GivesTheFileBack) {
  const std::string& original = GetModels().tiny;
  const auto file = GgufFile::Parse(AsBytes(original));
  ASSERT_TRUE(file.ok());
  const std::string directory = absl::StrCat(folder_, "/synthetic-tiny-seed-7");
  MakeHfDirectory(*file, GetParam().directory).Write(directory, GetParam().shards);
  const auto result = Run(directory, "i2_s", {});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->ternary.size(), 14u);
  EXPECT_EQ(source_->format(), GetParam().format);
  EXPECT_TRUE(Bytes(out_) == original) << "the converted file differs from the one that the directory was made from";
  for (const std::string_view format : {"i2_s", "tq1_0", "q2_0"}) {
    ASSERT_TRUE(Run(directory, format, {}).ok());
    const auto verified = VerifyConversion(*source_, options_, out_, pool_, Quiet);
    ASSERT_TRUE(verified.ok()) << verified.status();
    EXPECT_EQ(verified->ternary, 14u);
    ASSERT_TRUE(verified->ternary_digest_before.has_value());
    EXPECT_EQ(*verified->ternary_digest_before, *verified->ternary_digest_after);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, HfRoundTripTest,
    testing::Values(
        RoundTrip{"direct", {}, 1, "safetensors packed u8 with direct scales"},
        RoundTrip{"inverse", {.weights = HfWeights::kPackedInverse}, 1, "safetensors packed u8 with inverse scales"},
        RoundTrip{"scales_in_f32",
                  {.dtype = SafetensorsDtype::kF32, .table_dtype = SafetensorsDtype::kF32},
                  1,
                  "safetensors packed u8 with direct scales"},
        RoundTrip{"sharded", {.tokenizer = {.merges_as_pairs = true}}, 3, "safetensors packed u8 with direct scales"},
        RoundTrip{"master_bf16",
                  {.weights = HfWeights::kMaster, .tokenizer = {.added_in_vocab = true}},
                  1,
                  "safetensors bf16"},
        RoundTrip{"master_f16", {.weights = HfWeights::kMaster, .dtype = SafetensorsDtype::kF16}, 2, "safetensors f16"},
        RoundTrip{
            "master_f32", {.weights = HfWeights::kMaster, .dtype = SafetensorsDtype::kF32}, 1, "safetensors f32"}),
    [](const auto& info) { return info.param.name; });

// 1 / scale rounded to binary32, as it comes out of the file, for a scale that is no power of two.
TEST_F(HfSourceTest, InverseScalesAreReciprocals) {
  HfDirectory model = Nano({.weights = HfWeights::kPackedInverse});
  HfFileTensor& scale = model.Tensor("model.layers.0.mlp.up_proj.weight_scale");
  const uint16_t bf16 = 0x3f9c;  // 1.21875
  std::memcpy(scale.bytes.data(), &bf16, sizeof(bf16));
  ASSERT_TRUE(Status(model).ok());
  const std::string bytes = Bytes(out_);
  const auto file = GgufFile::Parse(AsBytes(bytes));
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(*I2sScale(file->FindTensor("blk.0.ffn_up.weight")->data, "up"), 1.0f / 1.21875f);
  EXPECT_NE(*I2sScale(file->FindTensor("blk.0.ffn_up.weight")->data, "up"), 1.21875f);
}

TEST_F(HfSourceTest, TheMeaningOfScalesIsToldOrAskedFor) {
  HfDirectory model = Nano();
  ASSERT_TRUE(Status(model).ok());
  ASSERT_EQ(source_->notes().size(), 2u);
  EXPECT_EQ(source_->notes()[0], "weight scales are direct: linear_class is autobitlinear");
  EXPECT_EQ(source_->notes()[1], "token_embd.weight: every value is exact in F16");
  RemoveMember(Member(model.config, "/quantization_config"), "linear_class");
  ASSERT_TRUE(Status(model).ok());
  EXPECT_EQ(source_->notes()[0], "weight scales are inverse: linear_class is not given, which means bitlinear");
  ASSERT_TRUE(Status(model, {.weight_scale = HfScale::kDirect}).ok());
  EXPECT_EQ(source_->notes()[0], "weight scales are direct, as asked for with --weight-scale");
  EXPECT_TRUE(Bytes(out_) == GetModels().nano);
  RemoveMember(model.config, "quantization_config");
  ExpectError(model, "pass --weight-scale direct");
  EXPECT_TRUE(Status(model, {.weight_scale = HfScale::kInverse}).ok());
  ExpectError(Nano({.weights = HfWeights::kMaster}), "--weight-scale: expected packed matrices",
              {.weight_scale = HfScale::kDirect});
}

TEST_F(HfSourceTest, MasterWeightsAreRefusedUnlessQuantized) {
  HfDirectory model = Nano({.weights = HfWeights::kMaster});
  HfFileTensor& weight = model.Tensor("model.layers.0.self_attn.o_proj.weight");
  weight.bytes[2 * 777 + 1] ^= 1;  // the exponent of one value
  ExpectError(model, "tensor model.layers.0.self_attn.o_proj.weight: float weights are not ternary: element ");
  ExpectError(model, "--quantize");
  model.Write(nano_);
  const auto result = Run(nano_, "i2_s", {.quantize = QuantizeMethod::kAbsmean});
  ASSERT_TRUE(result.ok()) << result.status();
  int changed = 0;
  for (const ConvertedTensor& tensor : result->ternary) {
    if (!tensor.error.has_value()) continue;
    ++changed;
    EXPECT_EQ(tensor.name, "blk.0.attn_output.weight");
    EXPECT_GT(tensor.error->relative_error, 0);
  }
  EXPECT_EQ(changed, 1);
}

// In online mode a forward pass takes the weights by their mean: any other method makes another model.
TEST_F(HfSourceTest, OnlineWeightsAreAbsmean) {
  HfDirectory model = Nano({.weights = HfWeights::kMaster});
  model.Tensor("model.layers.0.self_attn.o_proj.weight").bytes[2 * 777 + 1] ^= 1;
  ExpectError(model, "quantization_mode is online, which is --quantize absmean");
  const auto notes = [&](QuantizeMethod method) {
    EXPECT_TRUE(Status(model, {.quantize = method}).ok());
    return absl::StrJoin(source_->notes(), "\n");
  };
  EXPECT_TRUE(absl::StrContains(notes(QuantizeMethod::kAbsmax), "another model than the one that was trained"));
  EXPECT_FALSE(absl::StrContains(notes(QuantizeMethod::kAbsmean), "another model"));
  RemoveMember(model.config, "quantization_config");
  const absl::Status plain = Status(model);
  EXPECT_TRUE(absl::StrContains(plain.message(), "--quantize")) << plain;
  EXPECT_FALSE(absl::StrContains(plain.message(), "online")) << plain;
  HfDirectory packed = Nano();
  SetMember(Member(packed.config, "/quantization_config"), "quantization_mode", JsonValue::String("online"));
  ExpectError(packed, "quantization_mode: expected \"offline\" where matrices are packed, got \"online\"");
}

TEST_F(HfSourceTest, RoundedTablesAreReported) {
  HfDirectory model = Nano({.table_dtype = SafetensorsDtype::kBf16});
  HfFileTensor& table = model.Tensor("model.embed_tokens.weight");
  const uint16_t tiny = 0x3300;  // 2^-25: half of the smallest binary16, rounds to even, which is zero
  std::memcpy(table.bytes.data(), &tiny, sizeof(tiny));
  ASSERT_TRUE(Status(model).ok());
  EXPECT_TRUE(
      absl::StrContains(source_->notes()[1], "of 65536 values rounded to F16, 1 of them to zero, largest error"))
      << source_->notes()[1];
  const uint16_t large = 0x4780;  // 65536
  std::memcpy(table.bytes.data() + 10, &large, sizeof(large));
  ExpectError(model, "tensor model.embed_tokens.weight: element 5: expected a number that binary16 can hold");
}

TEST_F(HfSourceTest, TensorsMustBeThoseOfTheConfiguration) {
  const auto edited = [&](const std::function<void(HfDirectory&)>& edit) {
    HfDirectory model = Nano();
    edit(model);
    return model;
  };
  const std::string up = "model.layers.0.mlp.up_proj.weight";
  ExpectError(edited([&](HfDirectory& m) { m.Tensor(up).bytes[300] = 0xff; }),
              "expected code 0, 1 or 2, got 3 (byte 300)");
  ExpectError(edited([&](HfDirectory& m) { m.Tensor(up).name = "model.layers.1.mlp.up_proj.weight"; }),
              "tensor model.layers.0.mlp.up_proj.weight: expected in model.safetensors; there is none");
  ExpectError(edited([&](HfDirectory& m) { m.Tensor(up + "_scale").name = "model.scale"; }),
              "up_proj.weight_scale: expected beside a packed matrix");
  ExpectError(edited([&](HfDirectory& m) {
                m.tensors.push_back({"model.layers.0.mlp.up_proj.bias", SafetensorsDtype::kF32, {1}, {0, 0, 0, 0}});
              }),
              "tensor \"model.layers.0.mlp.up_proj.bias\": a bitnet model of 1 layers has no such tensor, got F32 [1]");
  ExpectError(edited([&](HfDirectory& m) { std::swap(m.Tensor(up).shape[0], m.Tensor(up).shape[1]); }),
              "expected shape [64, 128], as config.json means it, got U8 [128, 64]");
  ExpectError(edited([&](HfDirectory& m) { m.Tensor(up).dtype = SafetensorsDtype::kI8; }),
              "expected packed U8 where there is a weight_scale, got I8 [64, 128]");
  ExpectError(edited([&](HfDirectory& m) { SetMember(m.config, "num_hidden_layers", JsonValue::Uint(2)); }),
              "tensor model.layers.1.input_layernorm.weight: expected in");
  ExpectError(edited([&](HfDirectory& m) { SetMember(m.config, "tie_word_embeddings", JsonValue::Bool(false)); }),
              "tensor lm_head.weight: expected, since tie_word_embeddings is false");
  ExpectError(edited([&](HfDirectory& m) {
                m.tensors.push_back(m.Tensor("model.embed_tokens.weight"));
                m.tensors.back().name = "lm_head.weight";
                m.tensors.back().bytes[0] ^= 1;
              }),
              "tensor lm_head.weight: tie_word_embeddings is true, expected the bytes of model.embed_tokens.weight");
  ExpectError(edited([&](HfDirectory& m) {
                m.tensors.push_back(m.Tensor("model.embed_tokens.weight"));
                m.tensors.back().name = "lm_head.weight";
                RemoveMember(m.config, "tie_word_embeddings");
              }),
              "has no head of its own, got none and a tensor lm_head.weight");
  // The same head once more is no other model.
  ASSERT_TRUE(Status(edited([&](HfDirectory& m) {
                m.tensors.push_back(m.Tensor("model.embed_tokens.weight"));
                m.tensors.back().name = "lm_head.weight";
                m.tensors.push_back(
                    {"model.layers.0.self_attn.rotary_emb.inv_freq", SafetensorsDtype::kF32, {1}, {0, 0, 0, 0}});
              })).ok());
  EXPECT_TRUE(Bytes(out_) == GetModels().nano);
}

TEST_F(HfSourceTest, MissingFilesAreNamed) {
  const auto status = [&] { return HfSource::Open(nano_, {}).status(); };
  EXPECT_TRUE(absl::StrContains(status().message(), "expected config.json, found none")) << status();
  Nano().Write(nano_);
  EXPECT_TRUE(status().ok()) << status();
  unlink(absl::StrCat(nano_, "/tokenizer.json").c_str());
  EXPECT_TRUE(absl::StrContains(status().message(), "expected tokenizer.json, found none")) << status();
  const std::string sentencepiece = absl::StrCat(nano_, "/tokenizer.model");
  ASSERT_TRUE(WriteFileAtomically(sentencepiece, "\n").ok());
  EXPECT_TRUE(absl::StrContains(status().message(), "found only tokenizer.model: SentencePiece is not implemented"))
      << status();
  unlink(sentencepiece.c_str());
  unlink(absl::StrCat(nano_, "/model.safetensors").c_str());
  EXPECT_TRUE(absl::StrContains(status().message(), "expected model.safetensors or")) << status();
  EXPECT_TRUE(absl::StartsWith(status().message(), nano_)) << status();
}

// A Llama of the same matrices: rows of q and k change places, a head of its own is kept, sub-norms are left out.
TEST_F(HfSourceTest, LlamaHasInterleavedRowsAndItsOwnHead) {
  const auto file = GgufFile::Parse(AsBytes(GetModels().tiny));
  ASSERT_TRUE(file.ok());
  HfDirectory model = MakeHfDirectory(*file, {});
  SetMember(model.config, "model_type", JsonValue::String("llama"));
  SetMember(model.config, "architectures", JsonValue::MakeArray({JsonValue::String("LlamaForCausalLM")}));
  SetMember(model.config, "hidden_act", JsonValue::String("silu"));
  SetMember(model.config, "tie_word_embeddings", JsonValue::Bool(false));
  std::erase_if(model.tensors, [](const HfFileTensor& t) { return absl::StrContains(t.name, "_sub_norm"); });
  model.tensors.push_back(model.Tensor("model.embed_tokens.weight"));
  model.tensors.back().name = "lm_head.weight";
  model.tensors.back().bytes[1] ^= 0x80;
  const std::string directory = absl::StrCat(folder_, "/llama");
  model.Write(directory);
  const auto result = Run(directory, "i2_s", {});
  ASSERT_TRUE(result.ok()) << result.status();
  const std::string bytes = Bytes(out_);
  const auto llama = GgufFile::Parse(AsBytes(bytes));
  ASSERT_TRUE(llama.ok());
  EXPECT_EQ(*llama->GetString("general.architecture"), "llama");
  EXPECT_EQ(*llama->GetString("tokenizer.ggml.pre"), "llama-bpe");
  EXPECT_EQ(*llama->GetU64("llama.attention.head_count_kv"), 1u);
  EXPECT_EQ(llama->FindTensor("blk.0.attn_sub_norm.weight"), nullptr);
  ASSERT_NE(llama->FindTensor("output.weight"), nullptr);
  EXPECT_EQ(llama->FindTensor("output.weight")->data[1], llama->FindTensor("token_embd.weight")->data[1] ^ 0x80);
  constexpr int64_t kHidden = 512, kHeadDim = 128;
  for (const auto& [name, heads] : {std::pair("blk.1.attn_q.weight", 4), std::pair("blk.1.attn_k.weight", 1),
                                    std::pair("blk.1.attn_v.weight", 0)}) {
    const auto before = file->FindTensor(name)->data, after = llama->FindTensor(name)->data;
    ASSERT_EQ(before.size(), after.size());
    const size_t codes = before.size() - kI2sTailBytes;
    std::vector<int8_t> was(codes * 4), is(codes * 4);
    UnpackI2s(before.first(codes), was);
    UnpackI2s(after.first(codes), is);
    for (int64_t row = 0; row < static_cast<int64_t>(was.size()) / kHidden; ++row) {
      const int64_t head = row / kHeadDim, in_head = row % kHeadDim;
      const int64_t from = heads == 0 ? row : head * kHeadDim + in_head % 2 * (kHeadDim / 2) + in_head / 2;
      ASSERT_EQ(std::memcmp(&is[row * kHidden], &was[from * kHidden], kHidden), 0) << name << " row " << row;
    }
  }
}

}  // namespace
}  // namespace bitnet
