// Takes a valid GGUF file apart, lets a test change it, and puts it together again, right or wrong on purpose.

#ifndef BITNET_GGUF_GGUF_EDITOR_H_
#define BITNET_GGUF_GGUF_EDITOR_H_

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bitnet/gguf/gguf_file.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {

// Owns copies of everything, so the bytes it was made from may go. Asking for what is not there is a failed CHECK.
class GgufEditor {
 public:
  struct Tensor {
    std::string name;
    std::vector<uint64_t> dims;
    uint32_t type_id = 0;
    std::vector<uint8_t> data;

    template <typename T>
    void Put(size_t byte, T value) {
      std::memcpy(data.data() + byte, &value, sizeof(value));
    }
  };

  explicit GgufEditor(std::span<const uint8_t> file);

  // Replace the value of a key in its place, or add the key at the end.
  void SetU32(std::string_view key, uint32_t value);
  void SetU64(std::string_view key, uint64_t value);
  void SetI32(std::string_view key, int32_t value);
  void SetF32(std::string_view key, float value);
  void SetString(std::string_view key, std::string_view value);
  void SetStrings(std::string_view key, std::span<const std::string> values);
  void SetI32s(std::string_view key, std::span<const int32_t> values);
  void SetF32s(std::string_view key, std::span<const float> values);
  void Remove(std::string_view key);

  Tensor& tensor(std::string_view name);
  std::vector<Tensor>& tensors() { return tensors_; }
  // A tensor of `bytes` times `fill`.
  void AddTensor(std::string_view name, std::vector<uint64_t> dims, TensorType type, size_t bytes, uint8_t fill);
  void RemoveTensor(std::string_view name);
  // Another type and the data that goes with it: `bytes` times `fill`.
  void Retype(std::string_view name, TensorType type, size_t bytes, uint8_t fill);

  // The file with every tensor at the next multiple of 32 bytes.
  std::vector<uint8_t> Bytes() const;

 private:
  struct Pair {
    std::string key;
    std::string value;  // type number and value, as they stand in the file
  };

  void Set(std::string_view key, std::string value);

  std::vector<Pair> pairs_;
  std::vector<Tensor> tensors_;
};

}  // namespace bitnet

#endif  // BITNET_GGUF_GGUF_EDITOR_H_
