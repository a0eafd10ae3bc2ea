// Builds GGUF bytes field by field, right or wrong on purpose. For tests: it checks nothing, so that files no writer
// would make can be made.

#ifndef BITNET_GGUF_GGUF_BYTES_H_
#define BITNET_GGUF_GGUF_BYTES_H_

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "bitnet/gguf/gguf_file.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {

class GgufBytes {
 public:
  template <typename T>
  GgufBytes& Put(T value) {
    const size_t at = bytes_.size();
    bytes_.resize(at + sizeof(T));
    std::memcpy(bytes_.data() + at, &value, sizeof(T));
    return *this;
  }
  GgufBytes& String(std::string_view text) {
    Put(uint64_t{text.size()});
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    return *this;
  }
  GgufBytes& Header(uint64_t tensors, uint64_t pairs, uint32_t version = 3) {
    bytes_.insert(bytes_.end(), {'G', 'G', 'U', 'F'});
    return Put(version).Put(tensors).Put(pairs);
  }
  // A key and its type; the value follows by Put or String.
  GgufBytes& Key(std::string_view key, GgufType type) { return String(key).Put(static_cast<uint32_t>(type)); }
  // Element type and count of an array; the items follow.
  GgufBytes& Array(GgufType type, uint64_t count) { return Put(static_cast<uint32_t>(type)).Put(count); }
  GgufBytes& Tensor(std::string_view name, std::initializer_list<uint64_t> dims, TensorType type, uint64_t offset) {
    String(name).Put(static_cast<uint32_t>(dims.size()));
    for (uint64_t dim : dims) Put(dim);
    return Put(static_cast<uint32_t>(type)).Put(offset);
  }
  GgufBytes& Pad(size_t alignment = 32) {
    bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment);
    return *this;
  }
  // `count` bytes 0, 1, 2, ... of tensor data.
  GgufBytes& Data(size_t count) {
    for (size_t i = 0; i < count; ++i) bytes_.push_back(static_cast<uint8_t>(i));
    return *this;
  }

  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace bitnet

#endif  // BITNET_GGUF_GGUF_BYTES_H_
