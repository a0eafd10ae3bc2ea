#include "verify/independent/testing_gguf.h"

#include <algorithm>
#include <cstring>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/philox.h"

namespace bitnet::verify::independent {
namespace {

template <typename T>
std::string Encoded(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

constexpr uint64_t kHidden = 256;
constexpr uint64_t kKv = 128;
constexpr uint64_t kFfn = 384;
constexpr uint64_t kVocab = 40;

// Each call a new number.
class Numbers {
 public:
  explicit Numbers(uint64_t seed) : seed_(seed) {}
  uint32_t Next() { return PhiloxAt(seed_, 77, count_++)[0]; }
  float Between(float low, float high) {
    return low + (high - low) * static_cast<float>(Next() >> 8) / static_cast<float>(1 << 24);
  }

 private:
  const uint64_t seed_;
  uint64_t count_ = 0;
};

std::string Codes(Numbers& numbers, uint64_t bytes) {
  std::string codes;
  for (uint64_t i = 0; i < bytes; ++i) {
    uint32_t byte = 0;
    for (int field = 0; field < 4; ++field) byte = byte << 2 | numbers.Next() % 3;
    codes.push_back(static_cast<char>(byte));
  }
  return codes;
}

}  // namespace

std::string EncodeString(std::string_view text) { return absl::StrCat(EncodeU64(text.size()), text); }
std::string EncodeU32(uint32_t value) { return Encoded(value); }
std::string EncodeU64(uint64_t value) { return Encoded(value); }
std::string EncodeF32(float value) { return Encoded(value); }

void TestingGguf::Set(std::string_view key, uint32_t type, std::string_view value) {
  Remove(key);
  pairs.push_back({std::string(key), type, std::string(value)});
}
void TestingGguf::SetU32(std::string_view key, uint32_t value) { Set(key, 4, EncodeU32(value)); }
void TestingGguf::SetF32(std::string_view key, float value) { Set(key, 6, EncodeF32(value)); }
void TestingGguf::SetText(std::string_view key, std::string_view value) { Set(key, 8, EncodeString(value)); }

void TestingGguf::Remove(std::string_view key) {
  std::erase_if(pairs, [key](const TestingPair& pair) { return pair.key == key; });
}

TestingTensor& TestingGguf::Tensor(std::string_view name) {
  const auto found =
      std::find_if(tensors.begin(), tensors.end(), [name](const TestingTensor& tensor) { return tensor.name == name; });
  CHECK(found != tensors.end()) << name;
  return *found;
}

std::vector<uint8_t> TestingGguf::Encode() const {
  std::string out = absl::StrCat("GGUF", EncodeU32(version), EncodeU64(tensors.size()), EncodeU64(pairs.size()));
  for (const TestingPair& pair : pairs) absl::StrAppend(&out, EncodeString(pair.key), EncodeU32(pair.type), pair.value);
  const auto padded = [](size_t size) { return (size + 31) / 32 * 32; };
  uint64_t offset = 0;
  for (const TestingTensor& tensor : tensors) {
    absl::StrAppend(&out, EncodeString(tensor.name), EncodeU32(static_cast<uint32_t>(tensor.dims.size())));
    for (const uint64_t dim : tensor.dims) absl::StrAppend(&out, EncodeU64(dim));
    absl::StrAppend(&out, EncodeU32(tensor.type), EncodeU64(offset));
    offset += padded(tensor.data.size());
  }
  out.resize(padded(out.size()));
  for (const TestingTensor& tensor : tensors) {
    absl::StrAppend(&out, tensor.data);
    out.resize(padded(out.size()));
  }
  return {out.begin(), out.end()};
}

TestingGguf SmallModel(uint64_t seed) {
  TestingGguf file;
  Numbers numbers(seed);
  const auto norm = [&](const std::string& name, uint64_t size) {
    std::string data;
    for (uint64_t i = 0; i < size; ++i) absl::StrAppend(&data, EncodeF32(numbers.Between(0.75f, 1.25f)));
    file.tensors.push_back({name, {size}, 0, data});
  };
  const auto ternary = [&](const std::string& name, uint64_t cols, uint64_t rows) {
    std::string data = Codes(numbers, rows * cols / 4);
    absl::StrAppend(&data, EncodeF32(numbers.Between(0.05f, 0.07f)), std::string(28, '\0'));
    file.tensors.push_back({name, {cols, rows}, 36, data});
  };
  file.SetText("general.architecture", "bitnet-b1.58");
  for (const auto& [key, value] :
       std::initializer_list<std::pair<const char*, uint32_t>>{{"block_count", 2},
                                                               {"embedding_length", kHidden},
                                                               {"feed_forward_length", kFfn},
                                                               {"attention.head_count", 4},
                                                               {"attention.head_count_kv", 2},
                                                               {"context_length", 512},
                                                               {"rope.dimension_count", 64},
                                                               {"vocab_size", kVocab}}) {
    file.SetU32(absl::StrCat("bitnet-b1.58.", key), value);
  }
  file.SetF32("bitnet-b1.58.attention.layer_norm_rms_epsilon", 1e-5f);
  file.SetF32("bitnet-b1.58.rope.freq_base", 10000);
  std::string embedding;
  for (uint64_t i = 0; i < kVocab * kHidden; ++i) embedding += Encoded(F32ToF16(numbers.Between(-0.5f, 0.5f)));
  file.tensors.push_back({"token_embd.weight", {kHidden, kVocab}, 1, embedding});
  for (int layer = 0; layer < 2; ++layer) {
    const auto name = [layer](const char* part) { return absl::StrCat("blk.", layer, ".", part, ".weight"); };
    norm(name("attn_norm"), kHidden);
    norm(name("attn_sub_norm"), kHidden);
    norm(name("ffn_norm"), kHidden);
    norm(name("ffn_sub_norm"), kFfn);
    ternary(name("attn_q"), kHidden, kHidden);
    ternary(name("attn_k"), kHidden, kKv);
    ternary(name("attn_v"), kHidden, kKv);
    ternary(name("attn_output"), kHidden, kHidden);
    ternary(name("ffn_gate"), kHidden, kFfn);
    ternary(name("ffn_up"), kHidden, kFfn);
    ternary(name("ffn_down"), kFfn, kHidden);
  }
  norm("output_norm.weight", kHidden);
  return file;
}

}  // namespace bitnet::verify::independent
