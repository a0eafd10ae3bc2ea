#include "verify/independent/model.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "verify/independent/testing_gguf.h"

namespace bitnet::verify::independent {
namespace {

// Made once: it takes longer than to read.
TestingGguf Small() {
  static const auto* const made = new TestingGguf(SmallModel());
  return *made;
}

absl::Status Refusal(const TestingGguf& file) {
  ThreadPool pool(2);
  const std::vector<uint8_t> bytes = file.Encode();
  return ReadModel(bytes, pool).status();
}

void ExpectRefused(const TestingGguf& file, absl::StatusCode code, const std::string& message) {
  const absl::Status status = Refusal(file);
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_NE(status.message().find(message), std::string::npos) << status;
}

TEST(ModelTest, ReadsTheSmallModel) {
  ThreadPool pool(2);
  TestingGguf file = Small();
  const std::vector<uint8_t> bytes = file.Encode();
  const auto model = ReadModel(bytes, pool);
  ASSERT_TRUE(model.ok()) << model.status();
  const Shape& shape = model->shape;
  EXPECT_EQ(shape.layers, 2);
  EXPECT_EQ(shape.hidden, 256);
  EXPECT_EQ(shape.ffn, 384);
  EXPECT_EQ(shape.heads, 4);
  EXPECT_EQ(shape.kv_heads, 2);
  EXPECT_EQ(shape.head_dim, 64);
  EXPECT_EQ(shape.vocab, 40);
  EXPECT_EQ(shape.rms_eps, 1e-5f);
  const TernaryMatrix& down = model->layers[1].Of(Product::kDown);
  EXPECT_EQ(down.name, "blk.1.ffn_down.weight");
  EXPECT_EQ(down.rows, 256);
  EXPECT_EQ(down.cols, 384);
  float scale;
  std::memcpy(&scale, file.Tensor(down.name).data.data() + down.codes.size(), sizeof(scale));
  EXPECT_EQ(down.scale, scale);
  EXPECT_EQ(std::memcmp(model->embedding.data(), file.Tensor("token_embd.weight").data.data(), model->embedding.size()),
            0);
  float norm;
  std::memcpy(&norm, file.Tensor("blk.1.ffn_sub_norm.weight").data.data() + 4 * 383, sizeof(norm));
  EXPECT_EQ(model->layers[1].ffn_sub_norm[383], norm);
}

TEST(ModelTest, WhatIsNotComputedIsRefusedByName) {
  const auto unimplemented = absl::StatusCode::kUnimplemented;
  TestingGguf file = Small();
  file.SetText("general.architecture", "llama");
  ExpectRefused(file, unimplemented,
                "architecture \"llama\": the independent path computes bitnet-b1.58, bitnet-25, bitnet");
  file = Small();
  file.SetText("bitnet.ternary.format", "i2_s_64");
  ExpectRefused(file, unimplemented, "ternary format \"i2_s_64\"");
  file = Small();
  file.Tensor("blk.1.ffn_up.weight").type = 35;
  ExpectRefused(file, unimplemented, "tensor \"blk.1.ffn_up.weight\" is TQ2_0");
  file = Small();
  file.tensors.push_back({"output.weight", {256, 40}, 1, std::string(256 * 40 * 2, '\0')});
  ExpectRefused(file, unimplemented, "tensor \"output.weight\" has no place");
  file = Small();
  file.SetU32("bitnet-b1.58.expert_count", 8);
  ExpectRefused(file, unimplemented, "bitnet-b1.58.expert_count is 8");
  file = Small();
  file.SetU32("bitnet-b1.58.rope.dimension_count", 32);
  ExpectRefused(file, unimplemented, "bitnet-b1.58.rope.dimension_count is 32");
  file = Small();
  file.SetText("bitnet-b1.58.rope.scaling.type", "linear");
  EXPECT_TRUE(Refusal(file).ok());
  file.SetF32("bitnet-b1.58.rope.scaling.factor", 2);
  ExpectRefused(file, unimplemented, "\"linear\" by 2");
}

TEST(ModelTest, WhatIsWrongIsRefusedByName) {
  const auto invalid = absl::StatusCode::kInvalidArgument;
  TestingGguf file = Small();
  file.Remove("bitnet-b1.58.block_count");
  ExpectRefused(file, absl::StatusCode::kNotFound, "bitnet-b1.58.block_count");
  for (const auto& [key, value, message] : std::initializer_list<std::tuple<const char*, uint32_t, const char*>>{
           {"block_count", 0, "expected 1 to 1024, got 0"},
           {"embedding_length", 192, "expected a multiple of 128, got 192"},
           {"embedding_length", 1 << 20, "expected 1 to 65536"},
           {"feed_forward_length", 100, "expected a multiple of 128, got 100"},
           {"attention.head_count", 3, "expected a divisor of 256, got 3"},
           {"attention.head_count_kv", 3, "expected a divisor of 4, got 3"},
           {"attention.head_count", 16, "a multiple of 32 up to 256, got 16"},
           {"vocab_size", 41, "expected 40, got 41"},
           {"feed_forward_length", 256, "dimensions 256, got 384"}}) {
    file = Small();
    file.SetU32(std::string("bitnet-b1.58.") + key, value);
    ExpectRefused(file, invalid, message);
  }
  file = Small();
  file.SetU32("bitnet-b1.58.block_count", 3);
  ExpectRefused(file, absl::StatusCode::kNotFound, "\"blk.2.attn_norm.weight\"");
  file = Small();
  file.SetF32("bitnet-b1.58.rope.freq_base", std::numeric_limits<float>::quiet_NaN());
  ExpectRefused(file, invalid, "rope.freq_base: expected a finite number");
  file = Small();
  file.Tensor("blk.0.attn_k.weight").dims = {128, 256};
  ExpectRefused(file, invalid, "expected dimensions 256 x 128, got 128 x 256");
}

// What the fuzzer starts from is read as a model, once there is data behind it.
TEST(ModelTest, TheCorpusOfTheFuzzerReachesTheModel) {
  std::ifstream file("testdata/fuzz/model/valid.header", std::ios::binary);
  std::vector<uint8_t> bytes((std::istreambuf_iterator<char>(file)), {});
  ASSERT_GT(bytes.size(), 1000u);
  bytes.resize(bytes.size() + 256 * 1024, 0x18);
  ThreadPool pool(1);
  const auto model = ReadModel(bytes, pool);
  EXPECT_TRUE(model.ok()) << model.status();
}

// Every code, scale, norm and embedding value is looked at.
TEST(ModelTest, BadContentsAreFoundWherever) {
  const auto invalid = absl::StatusCode::kInvalidArgument;
  for (const char* name : {"blk.0.attn_q.weight", "blk.1.ffn_down.weight"}) {
    const size_t packed = Small().Tensor(name).data.size() - 32;
    for (const size_t at : {size_t{0}, packed / 2, packed - 1}) {
      TestingGguf file = Small();
      file.Tensor(name).data[at] = '\x1d';  // codes 0, 1, 3, 1
      ExpectRefused(file, invalid, "a code 3");
      ExpectRefused(file, invalid, "byte " + std::to_string(at));
    }
    TestingGguf file = Small();
    file.Tensor(name).data.replace(packed, 4, EncodeF32(std::numeric_limits<float>::infinity()));
    ExpectRefused(file, invalid, "scale of");
  }
  TestingGguf file = Small();
  file.Tensor("output_norm.weight").data.replace(4 * 255, 4, EncodeU32(0x7fc00000));
  ExpectRefused(file, invalid, "element 255");
  file = Small();
  file.Tensor("token_embd.weight").data.replace((39 * 256 + 255) * 2, 2, std::string("\x00\xfc", 2));
  ExpectRefused(file, invalid, "row 39");
}

}  // namespace
}  // namespace bitnet::verify::independent
