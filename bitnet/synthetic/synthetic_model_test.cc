#include "bitnet/synthetic/synthetic_model.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/sha256.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/gguf/gguf_writer.h"
#include "bitnet/synthetic/presets.h"
#include "bitnet/synthetic/tensors.h"
#include "bitnet/tensor/tensor_type.h"
#include "bitnet/tokenizer/tokenizer.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

std::string TempPath(std::string_view name) { return absl::StrCat(testing::TempDir(), "/", name); }

MappedFile Make(std::string_view preset, uint64_t seed, int threads) {
  const std::string path = TempPath(absl::StrCat(preset, ".", seed, ".", threads, ".gguf"));
  const absl::StatusOr<uint64_t> size = WriteSyntheticModel(
      *FindPreset(preset), seed, path, [](uint64_t, uint64_t) { return true; }, threads);
  EXPECT_TRUE(size.ok()) << size.status();
  absl::StatusOr<MappedFile> file = MappedFile::Open(path);
  EXPECT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->bytes().size(), *size);
  return *std::move(file);
}

// Published files depend on these: a change here is a change of every receipt made with a synthetic model.
TEST(SyntheticModelTest, BytesAreTheSameEverywhereAndForAnyNumberOfThreads) {
  for (const int threads : {1, 2, 3}) {
    EXPECT_EQ(ToHex(Sha256Of(Make("nano", 1, threads).bytes())),
              "5571c49298417d81cd65f23a3c4fc8b630625e767ee4288a6dad33cf071fe9a9")
        << threads;
    EXPECT_EQ(ToHex(Sha256Of(Make("tiny", 1, threads).bytes())),
              "b65721b4b9924a2c420b272d18c03aedc06d8e808c0c22d16511b994fdff3f02")
        << threads;
  }
}

// What a converter writes for a Llama-like model: the same keys under another prefix, and other tensors.
TEST(SyntheticModelTest, LlamaLikeModelsSayWhatBitNetImplies) {
  const MappedFile mapped = Make("tiny-llama", 1, 2);
  const absl::StatusOr<GgufFile> file = GgufFile::Parse(mapped.bytes());
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->GetString("general.architecture").value_or(""), "llama");
  EXPECT_EQ(file->GetString("tokenizer.ggml.pre").value_or(""), "llama-bpe");
  for (const char* key : {"attention.key_length", "attention.value_length", "rope.dimension_count"}) {
    EXPECT_EQ(file->GetU64(absl::StrCat("llama.", key)).value_or(0), 256u) << key;
  }
  EXPECT_EQ(file->tensors().size(), 2u * 9 + 3);
  EXPECT_EQ(file->FindTensor("blk.0.attn_sub_norm.weight"), nullptr);
  const GgufTensor* embedding = file->FindTensor("token_embd.weight");
  const GgufTensor* head = file->FindTensor("output.weight");
  ASSERT_NE(head, nullptr);
  EXPECT_EQ(head->dims, embedding->dims);
  EXPECT_FALSE(std::equal(head->data.begin(), head->data.end(), embedding->data.begin()));
}

TEST(SyntheticModelTest, AnotherSeedGivesOtherWeights) {
  const MappedFile one = Make("nano", 1, 1), two = Make("nano", 2, 1);
  const absl::StatusOr<GgufFile> first = GgufFile::Parse(one.bytes()), second = GgufFile::Parse(two.bytes());
  ASSERT_TRUE(first.ok() && second.ok());
  for (size_t i = 0; i < first->tensors().size(); ++i) {
    const std::span<const uint8_t> a = first->tensors()[i].data, b = second->tensors()[i].data;
    EXPECT_FALSE(std::equal(a.begin(), a.end(), b.begin(), b.end())) << first->tensors()[i].name;
  }
}

// The directory of the full-size model, parsed from a sparse file: no data is written.
TEST(SyntheticModelTest, FullSizeHasTheFormOfTheOfficialFile) {
  absl::StatusOr<GgufWriter> writer = MakeSyntheticHeader(*FindPreset("2b-4t"), 1);
  ASSERT_TRUE(writer.ok()) << writer.status();
  constexpr double kOfficialSize = 1'187'801'280;
  EXPECT_NEAR(static_cast<double>(writer->FileSize()), kOfficialSize, 0.002 * kOfficialSize);

  const std::string path = TempPath("sparse.gguf");
  const std::string header = writer->Header();
  const int fd = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(write(fd, header.data(), header.size()), static_cast<ssize_t>(header.size()));
  ASSERT_EQ(ftruncate(fd, static_cast<off_t>(writer->FileSize())), 0);
  close(fd);
  const absl::StatusOr<MappedFile> mapped = MappedFile::Open(path);
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  const absl::StatusOr<GgufFile> file = GgufFile::Parse(mapped->bytes());
  ASSERT_TRUE(file.ok()) << file.status();

  EXPECT_EQ(file->metadata().size(), 24u);
  EXPECT_EQ(file->Find("tokenizer.ggml.pre"), nullptr);
  const std::pair<std::string_view, uint64_t> numbers[] = {{"bitnet-b1.58.vocab_size", 128256},
                                                           {"bitnet-b1.58.context_length", 4096},
                                                           {"bitnet-b1.58.embedding_length", 2560},
                                                           {"bitnet-b1.58.block_count", 30},
                                                           {"bitnet-b1.58.feed_forward_length", 6912},
                                                           {"bitnet-b1.58.rope.dimension_count", 128},
                                                           {"bitnet-b1.58.attention.head_count", 20},
                                                           {"bitnet-b1.58.attention.head_count_kv", 5},
                                                           {"general.file_type", 40},
                                                           {"general.quantization_version", 2},
                                                           {"tokenizer.ggml.bos_token_id", 128000},
                                                           {"tokenizer.ggml.eos_token_id", 128001},
                                                           {"tokenizer.ggml.padding_token_id", 128001}};
  for (const auto& [key, value] : numbers) EXPECT_EQ(file->GetU64(key).value_or(0), value) << key;
  EXPECT_EQ(file->GetF32("bitnet-b1.58.attention.layer_norm_rms_epsilon").value_or(0), 1e-5f);
  EXPECT_EQ(file->GetF32("bitnet-b1.58.rope.freq_base").value_or(0), 500000.0f);
  EXPECT_EQ(file->GetString("general.architecture").value_or(""), "bitnet-b1.58");
  EXPECT_EQ(file->GetString("tokenizer.ggml.model").value_or(""), "gpt2");
  EXPECT_TRUE(file->GetBool("tokenizer.ggml.add_bos_token").value_or(false));
  EXPECT_EQ((*file->GetArray("tokenizer.ggml.tokens", GgufType::kString))->count, 128256u);
  EXPECT_EQ((*file->GetArray("tokenizer.ggml.scores", GgufType::kF32))->count, 128256u);
  EXPECT_EQ((*file->GetArray("tokenizer.ggml.token_type", GgufType::kI32))->count, 128256u);
  EXPECT_EQ((*file->GetArray("tokenizer.ggml.merges", GgufType::kString))->count, 280147u);

  std::map<uint32_t, int> types;
  uint64_t ternary_weights = 0;
  for (const GgufTensor& tensor : file->tensors()) {
    ++types[tensor.type_id];
    if (tensor.type_id == static_cast<uint32_t>(TensorType::kI2S)) ternary_weights += tensor.elements();
  }
  const std::map<uint32_t, int> expected_types = {{static_cast<uint32_t>(TensorType::kF32), 121},
                                                  {static_cast<uint32_t>(TensorType::kF16), 1},
                                                  {static_cast<uint32_t>(TensorType::kI2S), 210}};
  EXPECT_EQ(types, expected_types);
  EXPECT_EQ(ternary_weights, 2'084'044'800u);
  EXPECT_EQ(file->FindTensor("token_embd.weight")->dims, (std::vector<uint64_t>{2560, 128256}));
  EXPECT_EQ(file->FindTensor("blk.29.ffn_down.weight")->dims, (std::vector<uint64_t>{6912, 2560}));
  EXPECT_EQ(file->FindTensor("blk.29.attn_k.weight")->dims, (std::vector<uint64_t>{2560, 640}));
}

TEST(SyntheticModelTest, EveryCodeIsLegalAndTheTailHoldsTheScale) {
  const MappedFile mapped = Make("tiny", 1, 2);
  const absl::StatusOr<GgufFile> file = GgufFile::Parse(mapped.bytes());
  ASSERT_TRUE(file.ok()) << file.status();
  for (const GgufTensor& tensor : file->tensors()) {
    if (tensor.type_id != static_cast<uint32_t>(TensorType::kI2S)) continue;
    int64_t counts[4] = {};
    const size_t packed = tensor.elements() / 4;
    ASSERT_EQ(tensor.data.size(), packed + 32);
    for (size_t i = 0; i < packed; ++i) {
      for (int shift = 0; shift < 8; shift += 2) ++counts[tensor.data[i] >> shift & 3];
    }
    const double weights = static_cast<double>(tensor.elements());
    // Six standard deviations of a binomial with p = 1/4, the same bound for p = 1/2.
    const double bound = 6 * std::sqrt(weights / 4);
    EXPECT_EQ(counts[3], 0) << tensor.name;
    EXPECT_NEAR(static_cast<double>(counts[0]), weights / 4, bound) << tensor.name;
    EXPECT_NEAR(static_cast<double>(counts[1]), weights / 2, bound) << tensor.name;
    float scale = 0;
    std::memcpy(&scale, tensor.data.data() + packed, sizeof(scale));
    EXPECT_GT(scale, 0.0f) << tensor.name;
    EXPECT_LT(scale, 1.0f) << tensor.name;
    for (size_t i = packed + 4; i < tensor.data.size(); ++i) ASSERT_EQ(tensor.data[i], 0) << tensor.name;
  }
}

// Mean square of the embeddings in rows [begin, end).
double MeanSquare(const GgufTensor& embedding, uint64_t begin, uint64_t end) {
  const uint64_t columns = embedding.dims[0];
  double sum = 0;
  for (uint64_t i = begin * columns; i < end * columns; ++i) {
    F16 half = 0;
    std::memcpy(&half, embedding.data.data() + 2 * i, sizeof(half));
    const double value = F16ToF32(half);
    sum += value * value;
  }
  return sum / static_cast<double>((end - begin) * columns);
}

TEST(SyntheticModelTest, EmbeddingsHaveTheirSpreadAndSpecialTokensAQuarterOfIt) {
  const SyntheticPreset preset = *FindPreset("tiny");
  const MappedFile mapped = Make("tiny", 1, 2);
  const absl::StatusOr<GgufFile> file = GgufFile::Parse(mapped.bytes());
  ASSERT_TRUE(file.ok()) << file.status();
  const GgufTensor& embedding = *file->FindTensor("token_embd.weight");
  const uint64_t normal = static_cast<uint64_t>(preset.vocab - preset.special_tokens);
  const double expected = 3.5 * 3.5 / static_cast<double>(preset.hidden);
  EXPECT_NEAR(MeanSquare(embedding, 0, normal) / expected, 1, 0.01);
  // 16 * 512 values: the relative error of a mean square is about sqrt(2 / 8192) = 1.6 %; five of those.
  EXPECT_NEAR(MeanSquare(embedding, normal, preset.vocab) / expected, 1.0 / 16, 0.08 / 16);
}

TEST(SyntheticModelTest, TheTokenizerOfTheFileWorks) {
  for (const std::string_view preset : {"nano", "tiny", "mini", "tiny-llama"}) {
    const MappedFile mapped = Make(preset, 1, 1);
    const absl::StatusOr<GgufFile> file = GgufFile::Parse(mapped.bytes());
    ASSERT_TRUE(file.ok()) << file.status();
    TokenizerData data;
    data.tokens = (*file->GetArray("tokenizer.ggml.tokens", GgufType::kString))->strings;
    data.merges = (*file->GetArray("tokenizer.ggml.merges", GgufType::kString))->strings;
    const GgufArray& types = **file->GetArray("tokenizer.ggml.token_type", GgufType::kI32);
    data.token_types.resize(types.count);
    std::memcpy(data.token_types.data(), types.raw.data(), types.raw.size());
    data.bos = static_cast<TokenId>(*file->GetU64("tokenizer.ggml.bos_token_id"));
    data.add_bos = true;
    const absl::StatusOr<Tokenizer> tokenizer = Tokenizer::Create(data);
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
    const std::string text = "The people of the world return (x + 1) * 20;\n\n\xC3\xA9\xE2\x82\xAC";
    const std::vector<TokenId> ids = tokenizer->Encode(text, {.add_bos = true, .parse_special = false});
    EXPECT_EQ(ids[0], *data.bos) << preset;
    EXPECT_LT(ids.size(), text.size()) << preset;
    EXPECT_EQ(tokenizer->Decode(ids, false).value_or(""), text) << preset;
    EXPECT_TRUE(tokenizer->FindToken("<|eot_id|>").has_value()) << preset;
  }
}

TEST(SyntheticModelTest, CancellingLeavesNothing) {
  const std::string folder = TempPath("cancelled");
  std::filesystem::create_directory(folder);
  uint64_t last = 0;
  const auto stop_half_way = [&](uint64_t done, uint64_t total) {
    last = done;
    return done < total / 2;
  };
  const absl::Status status =
      WriteSyntheticModel(*FindPreset("tiny"), 1, folder + "/m.gguf", stop_half_way, 2).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled) << status;
  EXPECT_GT(last, 0u);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST(SyntheticModelTest, ProgressGrowsToTheFileSize) {
  uint64_t last = 0, last_total = 0;
  const auto record = [&](uint64_t done, uint64_t total) {
    EXPECT_GE(done, last);
    last = done;
    last_total = total;
    return true;
  };
  const absl::StatusOr<uint64_t> size = WriteSyntheticModel(*FindPreset("nano"), 1, TempPath("p.gguf"), record, 1);
  ASSERT_TRUE(size.ok()) << size.status();
  EXPECT_EQ(last, *size);
  EXPECT_EQ(last_total, *size);
}

// What layers add is made by two matrices of each; nothing else depends on the gain.
TEST(SyntheticModelTest, LayerGainScalesWhatLayersAdd) {
  SyntheticPreset preset = *FindPreset("tiny");
  const std::vector<SyntheticTensor> whole = SyntheticTensors(preset);
  preset.layer_gain = 0.5f;
  const std::vector<SyntheticTensor> half = SyntheticTensors(preset);
  ASSERT_EQ(half.size(), whole.size());
  int scaled = 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    const bool adds =
        absl::EndsWith(whole[i].name, "attn_output.weight") || absl::EndsWith(whole[i].name, "ffn_down.weight");
    EXPECT_EQ(half[i].scale, adds ? whole[i].scale / 2 : whole[i].scale) << whole[i].name;
    scaled += adds;
  }
  EXPECT_EQ(scaled, 2 * preset.layers);
  for (const float gain : {0.0f, -1.0f, std::nanf(""), HUGE_VALF}) {
    preset.layer_gain = gain;
    EXPECT_EQ(ValidatePreset(preset).code(), absl::StatusCode::kInvalidArgument) << gain;
  }
}

TEST(SyntheticModelTest, ErrorsNameTheirCause) {
  const absl::Status unknown = FindPreset("7b").status();
  EXPECT_EQ(unknown.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(unknown.message(), "no preset \"7b\"; known presets: 2b-4t, mini, tiny, nano, tiny-llama");
  const auto go_on = [](uint64_t, uint64_t) { return true; };
  EXPECT_EQ(WriteSyntheticModel(*FindPreset("nano"), 1, TempPath("no/such/folder/m.gguf"), go_on, 1).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(WriteSyntheticModel(*FindPreset("nano"), 1, TempPath("m.gguf"), go_on, 0).status().code(),
            absl::StatusCode::kInvalidArgument);
  SyntheticPreset preset = *FindPreset("nano");
  preset.untied_head = true;
  EXPECT_EQ(WriteSyntheticModel(preset, 1, TempPath("m.gguf"), go_on, 1).status().message(),
            "preset nano: untied_head must be false, as bitnet-b1.58 ties the head");
  preset.architecture = "falcon";
  EXPECT_EQ(WriteSyntheticModel(preset, 1, TempPath("m.gguf"), go_on, 1).status().message(),
            "preset nano: architecture must be one of bitnet-b1.58, bitnet-25, bitnet, llama, got falcon");
  preset = *FindPreset("nano");
  preset.ffn = 100;
  const absl::Status ffn = WriteSyntheticModel(preset, 1, TempPath("m.gguf"), go_on, 1).status();
  EXPECT_EQ(ffn.message(), "preset nano: ffn must be a multiple of 128, got 100");
}

}  // namespace
}  // namespace bitnet
