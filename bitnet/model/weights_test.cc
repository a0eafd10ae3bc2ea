#include "bitnet/model/weights.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/gguf/gguf_editor.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/model/config.h"
#include "bitnet/model/smallest_model.h"
#include "bitnet/quant/i2s.h"
#include "bitnet/tensor/tensor_type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;

// 128 x 128 weights, the shape of every ternary tensor of the smallest model.
constexpr size_t kElements = 128 * 128;
constexpr size_t kI2sCodes = kElements / 4;
constexpr char kQ[] = "blk.0.attn_q.weight";

struct Loaded {
  std::vector<uint8_t> bytes;  // the views point here
  absl::StatusOr<Weights> weights;
};

Loaded Load(const GgufEditor& editor, int threads = 2) {
  Loaded loaded{editor.Bytes(), absl::UnknownError("")};
  const absl::StatusOr<GgufFile> file = GgufFile::Parse(loaded.bytes);
  if (!file.ok()) {
    loaded.weights = file.status();
    return loaded;
  }
  const absl::StatusOr<ModelConfig> config = ReadModelConfig(*file);
  if (!config.ok()) {
    loaded.weights = config.status();
    return loaded;
  }
  ThreadPool pool(threads);
  loaded.weights = Weights::Load(*file, *config, pool);
  return loaded;
}

TEST(WeightsTest, ViewsHaveShapesScalesAndBytesOfTheFile) {
  GgufEditor editor(SmallestModel());
  editor.tensor(kQ).Put(kI2sCodes, 0.5f);
  editor.tensor(kQ).data[7] = 0x99;
  editor.tensor("output_norm.weight").Put(4 * 5, 2.5f);
  editor.tensor("token_embd.weight").Put(2 * 300, uint16_t{0x3c00});
  const Loaded loaded = Load(editor);
  ASSERT_TRUE(loaded.weights.ok()) << loaded.weights.status();
  const Weights& weights = *loaded.weights;
  EXPECT_EQ(weights.quantization_type, "i2_s");
  EXPECT_EQ(weights.tensor_count, 13u);
  EXPECT_TRUE(weights.repacked.empty()) << "I2_S is used as it is mapped";
  ASSERT_EQ(weights.repacks.size(), 1u);
  EXPECT_EQ(weights.repacks[0].name, "head_to_i8_panels");
  EXPECT_EQ(weights.repacks[0].tensors, 1u);
  EXPECT_EQ(weights.repacks[0].bytes, 266u * 128);
  EXPECT_EQ(weights.screened_head.table().vocab, 266);
  ASSERT_EQ(weights.layers.size(), 1u);
  const LayerWeights& layer = weights.layers[0];
  EXPECT_EQ(layer.q.rows, 128);
  EXPECT_EQ(layer.q.cols, 128);
  EXPECT_EQ(layer.q.scale, 0.5f);
  EXPECT_EQ(layer.k.scale, std::bit_cast<float>(0x18181818));
  ASSERT_EQ(layer.q.packed.size(), kI2sCodes);
  EXPECT_EQ(layer.q.packed[7], 0x99);
  EXPECT_TRUE(layer.q.packed.data() >= loaded.bytes.data() &&
              layer.q.packed.data() < loaded.bytes.data() + loaded.bytes.size());
  EXPECT_EQ(weights.output_norm.size(), 128u);
  EXPECT_EQ(weights.output_norm[5], 2.5f);
  EXPECT_EQ(weights.token_embd.size(), 266u * 128);
  EXPECT_EQ(weights.token_embd[300], 0x3c00);
  EXPECT_EQ(layer.ffn_sub_norm.size(), 128u);
  ASSERT_EQ(weights.ternary.size(), 7u);
}

TEST(WeightsTest, RepacksTheOtherTernaryTypesAndSaysSo) {
  // One block of 256 weights. TQ2_0: 64 bytes of two-bit codes. TQ1_0: 48 bytes of five and 4 bytes of four base-3
  // digits; these are all ones. Both end in an f16 scale.
  std::vector<uint8_t> tq2(66, kSmallestModelFill);
  std::vector<uint8_t> tq1(54, 0x80);
  std::fill_n(tq1.begin() + 48, 4, uint8_t{0x7f});
  std::fill_n(tq1.begin() + 52, 2, kSmallestModelFill);
  const struct {
    TensorType type;
    std::vector<uint8_t> block;
    const char* name;
    const char* repack;
  } types[] = {{TensorType::kTq2_0, tq2, "tq2_0", "tq2_0_to_i2s"}, {TensorType::kTq1_0, tq1, "tq1_0", "tq1_0_to_i2s"}};
  for (const auto& t : types) {
    // Blocks of 256 need rows of 256.
    GgufEditor editor(SmallestModel());
    editor.SetU32("bitnet-b1.58.embedding_length", 256);
    editor.SetU32("bitnet-b1.58.feed_forward_length", 256);
    editor.SetU32("bitnet-b1.58.attention.head_count", 2);
    editor.SetU32("bitnet-b1.58.attention.head_count_kv", 2);
    for (GgufEditor::Tensor& tensor : editor.tensors()) {
      if (tensor.name == "token_embd.weight") {
        tensor.dims = {256, 266};
        tensor.data.assign(256 * 266 * 2, kSmallestModelFill);
      } else if (tensor.dims.size() == 1) {
        tensor.dims = {256};
        tensor.data.assign(256 * 4, kSmallestModelFill);
      } else {
        tensor.dims = {256, 256};
        tensor.type_id = static_cast<uint32_t>(t.type);
        tensor.data.clear();
        for (int block = 0; block < 256; ++block) {
          tensor.data.insert(tensor.data.end(), t.block.begin(), t.block.end());
        }
      }
    }
    const Loaded loaded = Load(editor);
    ASSERT_TRUE(loaded.weights.ok()) << loaded.weights.status();
    const Weights& weights = *loaded.weights;
    EXPECT_EQ(weights.quantization_type, t.name);
    ASSERT_EQ(weights.repacks.size(), 2u);
    EXPECT_EQ(weights.repacks[0].name, t.repack);
    EXPECT_EQ(weights.repacks[0].tensors, 7u);
    EXPECT_EQ(weights.repacks[0].bytes, 7u * 256 * 256 / 4);
    EXPECT_EQ(weights.repacked.size(), 7u);
    EXPECT_TRUE(CheckI2sCodes(weights.layers[0].q.packed, "q").ok());
  }
}

TEST(WeightsTest, LlamaHasNoSubNormsAndMayHaveAHead) {
  GgufEditor editor(SmallestModel("llama"));
  const Loaded tied = Load(editor);
  ASSERT_TRUE(tied.weights.ok()) << tied.weights.status();
  EXPECT_EQ(tied.weights->tensor_count, 11u);
  EXPECT_TRUE(tied.weights->layers[0].attn_sub_norm.empty() && tied.weights->layers[0].ffn_sub_norm.empty());
  EXPECT_EQ(tied.weights->head.data(), tied.weights->token_embd.data());

  editor.AddTensor("output.weight", {128, 266}, TensorType::kF16, 128 * 266 * 2, kSmallestModelFill);
  editor.tensor("output.weight").Put(2 * 300, uint16_t{0x3c00});
  const Loaded untied = Load(editor);
  ASSERT_TRUE(untied.weights.ok()) << untied.weights.status();
  ASSERT_EQ(untied.weights->head.size(), 266u * 128);
  EXPECT_EQ(untied.weights->head[300], 0x3c00);
  EXPECT_NE(untied.weights->token_embd[300], 0x3c00);

  editor.tensor("output.weight").Put(2 * 300, uint16_t{0x7c00});
  EXPECT_THAT(Load(editor).weights.status().message(), HasSubstr("tensor output.weight: element 300 is not finite"));
  editor.Retype("output.weight", TensorType::kF32, 128 * 266 * 4, kSmallestModelFill);
  EXPECT_THAT(Load(editor).weights.status().message(), HasSubstr("tensor output.weight: expected type F16, got F32"));

  GgufEditor with_norm(SmallestModel("llama"));
  with_norm.AddTensor("blk.0.ffn_sub_norm.weight", {128}, TensorType::kF32, 512, kSmallestModelFill);
  EXPECT_THAT(
      Load(with_norm).weights.status().message(),
      HasSubstr("tensor blk.0.ffn_sub_norm.weight: the graph of architecture llama with 1 blocks has no place"));
}

// Row r of the file is marked in its first byte. In half-split order, row i of the head's first half is row 2 i of the
// file, and row i of the second half is row 2 i + 1; values are where they were, and so is what digests are made of.
TEST(WeightsTest, RowsOfInterleavedRopeArePutInHalfSplitOrder) {
  constexpr int kRows = 128, kRowBytes = 32;
  const auto mark = [](int row, int bit) { return static_cast<uint8_t>(row >> bit & 1 ? 0x55 : 0xaa); };
  GgufEditor editor(SmallestModel("llama"));
  for (const char* part : {"attn_q", "attn_k", "attn_v"}) {
    GgufEditor::Tensor& tensor = editor.tensor(std::string("blk.0.") + part + ".weight");
    for (int row = 0; row < kRows; ++row) {
      for (int bit = 0; bit < 7; ++bit) tensor.data[static_cast<size_t>(row * kRowBytes + bit)] = mark(row, bit);
    }
  }
  const Loaded loaded = Load(editor);
  ASSERT_TRUE(loaded.weights.ok()) << loaded.weights.status();
  const Weights& weights = *loaded.weights;
  const auto row_at = [&](const TernaryView& view, int place) {
    int row = 0;
    for (int bit = 0; bit < 7; ++bit) {
      if (view.packed[static_cast<size_t>(place * kRowBytes + bit)] == mark(1 << bit, bit)) row |= 1 << bit;
    }
    return row;
  };
  const LayerWeights& layer = weights.layers[0];
  for (int i = 0; i < kRows; ++i) {
    const int half_split = i < 64 ? 2 * i : 2 * (i - 64) + 1;
    EXPECT_EQ(row_at(layer.q, i), half_split);
    EXPECT_EQ(row_at(layer.k, i), half_split);
    EXPECT_EQ(row_at(layer.v, i), i);
  }
  ASSERT_EQ(weights.repacks.size(), 2u);
  EXPECT_EQ(weights.repacks[0].name, "rope_rows_to_half_split");
  EXPECT_EQ(weights.repacks[0].tensors, 2u);
  EXPECT_EQ(weights.repacks[0].bytes, 2u * kRows * kRowBytes);
  ASSERT_EQ(weights.ternary.size(), 7u);
  for (const NamedTernary& ternary : weights.ternary) {
    EXPECT_TRUE(ternary.view.packed.data() >= loaded.bytes.data() &&
                ternary.view.packed.data() < loaded.bytes.data() + loaded.bytes.size())
        << ternary.name;
    if (ternary.name == kQ) {
      for (int i = 0; i < kRows; ++i) EXPECT_EQ(row_at(ternary.view, i), i);
    }
  }
}

// Weights of another format are repacked first; the digests' view stays in the file's order of rows, the graph's is
// reordered.
TEST(WeightsTest, RowsAreReorderedAfterTheRepackOfTheFormat) {
  constexpr size_t kWidth = 256, kRowBytes = kWidth / 4;
  GgufEditor editor(SmallestModel("llama"));
  for (const char* key : {"embedding_length", "feed_forward_length"})
    editor.SetU32(std::string("llama.") + key, kWidth);
  editor.SetU32("llama.attention.head_count", 2);
  editor.SetU32("llama.attention.head_count_kv", 2);
  for (GgufEditor::Tensor& tensor : editor.tensors()) {
    if (tensor.name == "token_embd.weight") {
      tensor.dims = {kWidth, 266};
      tensor.data.assign(kWidth * 266 * 2, kSmallestModelFill);
    } else if (tensor.dims.size() == 1) {
      tensor.dims = {kWidth};
      tensor.data.assign(kWidth * 4, kSmallestModelFill);
    } else {
      // TQ2_0: a row is one block of 64 bytes of codes and the scale. The first bytes are the row's number in base 2.
      tensor.dims = {kWidth, kWidth};
      tensor.type_id = static_cast<uint32_t>(TensorType::kTq2_0);
      tensor.data.assign(kWidth * 66, kSmallestModelFill);
      for (size_t row = 0; row < kWidth; ++row) {
        for (size_t bit = 0; bit < 8; ++bit) tensor.data[row * 66 + bit] = row >> bit & 1 ? 0x55 : 0xaa;
      }
    }
  }
  const Loaded loaded = Load(editor);
  ASSERT_TRUE(loaded.weights.ok()) << loaded.weights.status();
  const Weights& weights = *loaded.weights;
  ASSERT_EQ(weights.repacks.size(), 3u);
  EXPECT_EQ(weights.repacks[0].name, "tq2_0_to_i2s");
  EXPECT_EQ(weights.repacks[1].name, "rope_rows_to_half_split");
  EXPECT_EQ(weights.repacks[1].bytes, 2 * kWidth * kRowBytes);
  const auto of_file = [&](std::string_view name) {
    return std::find_if(weights.ternary.begin(), weights.ternary.end(),
                        [&](const NamedTernary& ternary) { return ternary.name == name; })
        ->view.packed;
  };
  const std::span<const uint8_t> q = of_file(kQ), k = of_file("blk.0.attn_k.weight");
  for (size_t i = 0; i < kWidth; ++i) {
    const size_t in_head = i % 128;
    const size_t from = i - in_head + (in_head < 64 ? 2 * in_head : 2 * (in_head - 64) + 1);
    const auto row = [](std::span<const uint8_t> packed, size_t index) {
      const auto bytes = packed.subspan(index * kRowBytes, kRowBytes);
      return std::vector<uint8_t>(bytes.begin(), bytes.end());
    };
    EXPECT_EQ(row(weights.layers[0].q.packed, i), row(q, from)) << i;
    EXPECT_EQ(row(weights.layers[0].k.packed, i), row(k, from)) << i;
    EXPECT_EQ(row(q, i) == row(q, from), from == i) << "rows must differ for this to say anything";
  }
}

struct BadWeights {
  const char* name;
  std::function<void(GgufEditor&)> edit;
  absl::StatusCode code;
  std::string message;
};
void PrintTo(const BadWeights& bad, std::ostream* out) { *out << bad.name; }

class BadWeightsTest : public testing::TestWithParam<BadWeights> {};

TEST_P(BadWeightsTest, NamesTheTensor) {
  GgufEditor editor(SmallestModel());
  GetParam().edit(editor);
  const absl::Status status = Load(editor).weights.status();
  EXPECT_EQ(status.code(), GetParam().code) << status;
  EXPECT_THAT(status.message(), HasSubstr(GetParam().message));
}

std::vector<BadWeights> AllBadWeights() {
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  constexpr auto kUnimplemented = absl::StatusCode::kUnimplemented;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<BadWeights> all = {
      {"missing", [](GgufEditor& e) { e.RemoveTensor(kQ); }, kInvalid,
       "expected 13 tensors (11 per block x 1 blocks + token_embd + output_norm), got 12"},
      {"extra",
       [](GgufEditor& e) { e.AddTensor("blk.0.attn_x.weight", {128}, TensorType::kF32, 512, kSmallestModelFill); },
       kUnimplemented, "tensor blk.0.attn_x.weight: the graph of architecture bitnet-b1.58 with 1 blocks has no place"},
      {"block_beyond",
       [](GgufEditor& e) { e.AddTensor("blk.1.attn_norm.weight", {128}, TensorType::kF32, 512, kSmallestModelFill); },
       kUnimplemented,
       "tensor blk.1.attn_norm.weight: the graph of architecture bitnet-b1.58 with 1 blocks has no place"},
      {"bias",
       [](GgufEditor& e) { e.AddTensor("blk.0.attn_q.bias", {128}, TensorType::kF32, 512, kSmallestModelFill); },
       kUnimplemented, "tensor blk.0.attn_q.bias: biases are not implemented"},
      {"rope_freqs",
       [](GgufEditor& e) { e.AddTensor("rope_freqs.weight", {64}, TensorType::kF32, 256, kSmallestModelFill); },
       kUnimplemented, "tensor rope_freqs.weight: rope with factors of its own"},
      {"adapter",
       [](GgufEditor& e) { e.AddTensor("blk.0.attn_q.weight.lora_a", {8}, TensorType::kF32, 32, kSmallestModelFill); },
       kUnimplemented, "tensor blk.0.attn_q.weight.lora_a: adapters are not implemented"},
      {"scale_tensor",
       [](GgufEditor& e) { e.AddTensor("blk.0.attn_q.scale", {1}, TensorType::kF32, 4, kSmallestModelFill); },
       kUnimplemented, "tensor blk.0.attn_q.scale: scales as tensors of their own are not implemented"},
      {"untied_head",
       [](GgufEditor& e) {
         e.AddTensor("output.weight", {128, 266}, TensorType::kF16, 128 * 266 * 2, kSmallestModelFill);
       },
       kUnimplemented, "tensor output.weight: an untied output head is not implemented for architecture bitnet-b1.58"},
      {"more_layers_than_tensors", [](GgufEditor& e) { e.SetU32("bitnet-b1.58.block_count", 2); }, kInvalid,
       "expected 24 tensors (11 per block x 2 blocks + token_embd + output_norm), got 13"},
      {"q_rows",
       [](GgufEditor& e) {
         e.tensor(kQ).dims = {64, 256};
       },
       kInvalid, ""},
      {"q_of_kv_shape",
       [](GgufEditor& e) {
         e.tensor(kQ).dims = {128, 64};
         e.tensor(kQ).data.resize(128 * 64 / 4 + 32);
       },
       kInvalid, "tensor blk.0.attn_q.weight: expected shape [128, 128], got [128, 64]"},
      {"q_three_dims",
       [](GgufEditor& e) {
         e.tensor(kQ).dims = {128, 128, 1};
       },
       kInvalid, "tensor blk.0.attn_q.weight: expected shape [128, 128], got [128, 128, 1]"},
      {"q_f16", [](GgufEditor& e) { e.Retype(kQ, TensorType::kF16, kElements * 2, kSmallestModelFill); },
       kUnimplemented, "tensor blk.0.attn_q.weight: expected type I2_S or another ternary one, got F16"},
      {"q_unknown_type", [](GgufEditor& e) { e.tensor(kQ).type_id = 99; }, kUnimplemented,
       "tensor blk.0.attn_q.weight: expected type I2_S or another ternary one, got type 99"},
      {"q_tl1", [](GgufEditor& e) { e.tensor(kQ).type_id = static_cast<uint32_t>(TensorType::kTl1); },
       absl::StatusCode::kFailedPrecondition,
       "tensor blk.0.attn_q.weight is tl1, whose tiling is in a kernel_config.ini and not in the file"},
      {"norm_f16", [](GgufEditor& e) { e.Retype("output_norm.weight", TensorType::kF16, 256, kSmallestModelFill); },
       kUnimplemented, "tensor output_norm.weight: expected type F32, got F16"},
      {"norm_size",
       [](GgufEditor& e) {
         e.tensor("blk.0.ffn_sub_norm.weight").dims = {64};
         e.tensor("blk.0.ffn_sub_norm.weight").data.resize(256);
       },
       kInvalid, "tensor blk.0.ffn_sub_norm.weight: expected shape [128], got [64]"},
      {"embedding_f32",
       [](GgufEditor& e) { e.Retype("token_embd.weight", TensorType::kF32, 128 * 266 * 4, kSmallestModelFill); },
       kUnimplemented, "tensor token_embd.weight: expected type F16, got F32"},
      {"embedding_rows",
       [](GgufEditor& e) {
         e.tensor("token_embd.weight").dims = {128, 265};
         e.tensor("token_embd.weight").data.resize(128 * 265 * 2);
       },
       kInvalid, "tensor token_embd.weight: expected shape [128, 266], got [128, 265]"},
      {"nan_in_norm", [nan](GgufEditor& e) { e.tensor("blk.0.attn_norm.weight").Put(4 * 100, nan); }, kInvalid,
       "tensor blk.0.attn_norm.weight: element 100 is not finite"},
      {"infinity_in_output_norm", [infinity](GgufEditor& e) { e.tensor("output_norm.weight").Put(0, -infinity); },
       kInvalid, "tensor output_norm.weight: element 0 is not finite"},
      {"infinity_in_embedding", [](GgufEditor& e) { e.tensor("token_embd.weight").Put(2 * 34000, uint16_t{0x7c00}); },
       kInvalid, "tensor token_embd.weight: element 34000 is not finite"},
      {"illegal_code", [](GgufEditor& e) { e.tensor("blk.0.ffn_down.weight").data[32 * 3 + 1] = 0x0c; }, kInvalid,
       // Block 3, byte 1, third slot: element 3 * 128 + 2 * 32 + 1.
       "tensor \"blk.0.ffn_down.weight\": I2_S code of element 449: expected 0, 1 or 2, got 3"},
      {"negative_scale", [](GgufEditor& e) { e.tensor(kQ).Put(kI2sCodes, -1.0f); }, kInvalid,
       "tensor \"blk.0.attn_q.weight\": I2_S scale at byte 4096 of the tensor: expected a finite number >= 0, got -1"},
      {"nan_scale", [nan](GgufEditor& e) { e.tensor(kQ).Put(kI2sCodes, nan); }, kInvalid,
       "expected a finite number >= 0, got nan"},
      {"infinite_scale", [infinity](GgufEditor& e) { e.tensor(kQ).Put(kI2sCodes, infinity); }, kInvalid,
       "expected a finite number >= 0, got inf"},
      {"two_errors_in_one_tensor",
       [](GgufEditor& e) {
         e.tensor(kQ).data[100] = 0xff;
         e.tensor(kQ).data[50] = 0xff;
       },
       kInvalid, "I2_S code of element 146"},
  };
  // Each tensor's absence is told apart from a wrong number of tensors.
  for (const char* name : {"token_embd", "output_norm", "blk.0.attn_norm", "blk.0.attn_q", "blk.0.attn_k",
                           "blk.0.attn_v", "blk.0.attn_sub_norm", "blk.0.attn_output", "blk.0.ffn_norm",
                           "blk.0.ffn_gate", "blk.0.ffn_up", "blk.0.ffn_sub_norm", "blk.0.ffn_down"}) {
    all.push_back({name, [name](GgufEditor& e) { e.tensor(std::string(name) + ".weight").name = "renamed"; },
                   absl::StatusCode::kNotFound, "tensor " + std::string(name) + ".weight is missing"});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, BadWeightsTest, testing::ValuesIn(AllBadWeights()), [](const auto& info) {
  std::string name = info.param.name;
  for (char& c : name) c = c == '.' ? '_' : c;
  return name;
});

TEST(WeightsTest, MixedTernaryTypesAreNamed) {
  // Rows of 256, so that TQ2_0 is possible: the first ternary tensor of a layer is I2_S, the second not.
  GgufEditor editor(SmallestModel());
  editor.SetU32("bitnet-b1.58.feed_forward_length", 256);
  for (const char* name : {"blk.0.ffn_gate.weight", "blk.0.ffn_up.weight"}) {
    editor.tensor(name).dims = {128, 256};
    editor.tensor(name).data.assign(128 * 256 / 4 + 32, kSmallestModelFill);
  }
  editor.tensor("blk.0.ffn_sub_norm.weight").dims = {256};
  editor.tensor("blk.0.ffn_sub_norm.weight").data.assign(1024, kSmallestModelFill);
  editor.tensor("blk.0.ffn_down.weight").dims = {256, 128};
  editor.Retype("blk.0.ffn_down.weight", TensorType::kTq2_0, 128 * 66, kSmallestModelFill);
  const absl::Status status = Load(editor).weights.status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  // In the order of the file, where ffn_down comes first.
  EXPECT_THAT(status.message(), HasSubstr("tensor blk.0.ffn_gate.weight is i2_s while earlier ones are tq2_0: mixed "
                                          "ternary types are not implemented"));
}

// Whichever worker meets an error first, the report is the first in the order of the graph.
TEST(WeightsTest, TheFirstOfSeveralErrorsIsReported) {
  GgufEditor editor(SmallestModel());
  for (const char* name : {"blk.0.ffn_down.weight", "blk.0.ffn_up.weight", "blk.0.attn_v.weight"}) {
    editor.tensor(name).data[0] = 0xff;
  }
  for (const int threads : {1, 2, 3, 5}) {
    for (int repeat = 0; repeat < 10; ++repeat) {
      EXPECT_THAT(Load(editor, threads).weights.status().message(), HasSubstr("blk.0.attn_v.weight"));
    }
  }
}

TEST(WeightsTest, MisalignedDataIsAnErrorNotAFault) {
  const std::vector<uint8_t> model = SmallestModel();
  std::vector<uint8_t> shifted(model.size() + 1);
  std::copy(model.begin(), model.end(), shifted.begin() + 1);
  const absl::StatusOr<GgufFile> file = GgufFile::Parse(std::span(shifted).subspan(1));
  ASSERT_TRUE(file.ok()) << file.status();
  ThreadPool pool(1);
  const absl::Status status = Weights::Load(*file, *ReadModelConfig(*file), pool).status();
  EXPECT_THAT(status.message(), HasSubstr("data is not aligned to"));
}

}  // namespace
}  // namespace bitnet
