// GGUF files made part by part, right or wrong on purpose, and a small model in one. For tests: nothing is checked.

#ifndef VERIFY_INDEPENDENT_TESTING_GGUF_H_
#define VERIFY_INDEPENDENT_TESTING_GGUF_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bitnet::verify::independent {

struct TestingPair {
  std::string key;
  uint32_t type = 0;
  std::string value;  // encoded
};

struct TestingTensor {
  std::string name;
  std::vector<uint64_t> dims;
  uint32_t type = 0;
  std::string data;
};

struct TestingGguf {
  uint32_t version = 3;
  std::vector<TestingPair> pairs;
  std::vector<TestingTensor> tensors;

  void SetU32(std::string_view key, uint32_t value);
  void SetF32(std::string_view key, float value);
  void SetText(std::string_view key, std::string_view value);
  void Set(std::string_view key, uint32_t type, std::string_view value);  // replaces the key's pair, or adds one
  void Remove(std::string_view key);
  TestingTensor& Tensor(std::string_view name);

  std::vector<uint8_t> Encode() const;  // tensors one after the other, each at a multiple of 32
};

// `text` as GGUF has strings; numbers as their bytes.
std::string EncodeString(std::string_view text);
std::string EncodeU32(uint32_t value);
std::string EncodeU64(uint64_t value);
std::string EncodeF32(float value);

// 2 layers, hidden 256, 4 heads of 64 over 2, ffn 384, 40 tokens; weights from a seed, all three trits, scales around
// 1/16.
TestingGguf SmallModel(uint64_t seed = 1);

}  // namespace bitnet::verify::independent

#endif  // VERIFY_INDEPENDENT_TESTING_GGUF_H_
