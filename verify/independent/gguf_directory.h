// GgufDirectory: the auditor's own reader of GGUF files. Written from the format, not from bitnet/gguf: a mistake in
// that parser must not be repeated here.
//
//   "GGUF" || u32 version (2 or 3) || u64 tensors || u64 pairs || pairs || tensor infos || padding || tensor data
//   pair   = string key || u32 type || value;   string = u64 length || bytes;   array = u32 type || u64 count || items
//   info   = string name || u32 dimensions || u64 each, row length first || u32 type || u64 offset in the data
//
// Little-endian. The data begins at the next multiple of general.alignment (32 when absent), and so does each tensor.

#ifndef VERIFY_INDEPENDENT_GGUF_DIRECTORY_H_
#define VERIFY_INDEPENDENT_GGUF_DIRECTORY_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace bitnet::verify::independent {

enum class ValueType : uint32_t {
  kU8 = 0,
  kI8 = 1,
  kU16 = 2,
  kI16 = 3,
  kU32 = 4,
  kI32 = 5,
  kF32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kU64 = 10,
  kI64 = 11,
  kF64 = 12,
};

// The value of a key. Arrays are checked and passed over: nothing that the forward pass needs is in one.
struct MetadataValue {
  ValueType type = ValueType::kU8;
  uint64_t bits = 0;      // of a number or a bool, zero-extended
  std::string_view text;  // of a string
};

// Tensor types that are read. Others have a number and perhaps a name.
inline constexpr uint32_t kTypeF32 = 0;
inline constexpr uint32_t kTypeF16 = 1;
inline constexpr uint32_t kTypeI2S = 36;
// "I2_S", "TQ1_0", or "type 77".
std::string TensorTypeName(uint32_t type);

struct TensorInfo {
  std::string_view name;
  std::vector<uint64_t> dims;  // 1 to 4, each at least 1; dims[0] is the row length
  uint32_t type = 0;
  uint64_t offset = 0;  // in the tensor data
};

class DirectoryReader;

// Immutable. Views point into the bytes it was read from.
class GgufDirectory {
 public:
  // InvalidArgument or OutOfRange, with what, where, expected and got, when the bytes are not a GGUF file. Allocates in
  // proportion to the bytes.
  static absl::StatusOr<GgufDirectory> Read(std::span<const uint8_t> bytes);

  const std::map<std::string_view, MetadataValue>& metadata() const { return metadata_; }
  const std::vector<TensorInfo>& tensors() const { return tensors_; }

  bool Has(std::string_view key) const { return metadata_.contains(key); }
  // NotFound when there is no such key, InvalidArgument when its value is of another kind.
  absl::StatusOr<uint64_t> Unsigned(std::string_view key) const;  // of an integer type, not negative
  absl::StatusOr<float> Float(std::string_view key) const;        // of type f32
  absl::StatusOr<std::string_view> Text(std::string_view key) const;

  // Null when there is none.
  const TensorInfo* Find(std::string_view name) const;
  // The tensor's bytes: as many as its type and shape need, all inside the file. Unimplemented, with the type's name,
  // for a type that is not read.
  absl::StatusOr<std::span<const uint8_t>> Data(const TensorInfo& tensor) const;

 private:
  GgufDirectory() = default;
  absl::Status ReadPairs(DirectoryReader& reader, uint64_t count);
  absl::Status ReadTensors(DirectoryReader& reader, uint64_t count, uint64_t alignment);
  absl::Status CheckPlaces() const;

  std::map<std::string_view, MetadataValue> metadata_;
  std::vector<TensorInfo> tensors_;
  std::map<std::string_view, size_t> index_;  // of tensors, by name
  std::span<const uint8_t> data_;
};

}  // namespace bitnet::verify::independent

#endif  // VERIFY_INDEPENDENT_GGUF_DIRECTORY_H_
