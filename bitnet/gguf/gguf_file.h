// GgufFile: a parsed GGUF container (versions 2 and 3, little-endian). Format: magic "GGUF", u32 version,
// u64 tensor count, u64 key-value count, the pairs, the tensor directory, padding, tensor data.
//
// Nothing is copied but the directory: names, strings and tensor bytes are views into the input. Every count, length
// and offset of the file is checked against the bytes that are really there before anything is allocated for it.

#ifndef BITNET_GGUF_GGUF_FILE_H_
#define BITNET_GGUF_GGUF_FILE_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"

namespace bitnet {

// Value types of GGUF metadata, numbers as in files.
enum class GgufType : uint32_t {
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
// "u32", "string", ...; "unknown" for a number outside the list.
std::string_view GgufTypeName(GgufType type);

// A metadata array. Exactly one of the two is filled: `strings` for arrays of strings, `raw` (count * element size
// bytes, unaligned little-endian) for arrays of numbers or bools. Nested arrays are refused (Unimplemented).
struct GgufArray {
  GgufType element_type = GgufType::kU8;
  uint64_t count = 0;
  std::vector<std::string_view> strings;
  std::span<const uint8_t> raw;
};

// Integers are widened: unsigned types to uint64_t, signed ones to int64_t, floats to double (exact).
struct GgufValue {
  GgufType type = GgufType::kU8;
  std::variant<uint64_t, int64_t, double, bool, std::string_view, GgufArray> data;
};

struct GgufTensor {
  std::string_view name;
  std::vector<uint64_t> dims;  // dims[0] is the row length (ne0)
  uint32_t type_id = 0;        // as in the file; TensorTypeFromId may not know it
  uint64_t offset = 0;         // in the data section
  // Empty when the type has no size rule (a number we do not know, TL1, TL2). As aligned as the file's alignment and
  // the bytes given to Parse are.
  std::span<const uint8_t> data;
  uint64_t elements() const;  // product of dims; Parse has checked that it fits
};

// What Parse accepts beyond the bytes being there. Each bound is far above any real model and keeps the directory, the
// only thing that is copied, small.
namespace gguf_limits {
inline constexpr uint64_t kMaxKeyValues = 65536;  // real files: 20-60
inline constexpr uint64_t kMaxTensors = 65536;    // 61 layers x 256 experts x 3 matrices, unmerged, is 46848
inline constexpr uint64_t kMaxKeyBytes = 65535;   // the format's own limit
inline constexpr uint64_t kMaxNameBytes = 64;     // the format's own limit for tensor names
inline constexpr uint32_t kMaxDims = 4;           // the format's own limit
inline constexpr uint64_t kDefaultAlignment = 32;
inline constexpr uint64_t kMinAlignment = 8;      // the format asks for a multiple of 8
inline constexpr uint64_t kMaxAlignment = 65536;  // the largest page of the CPUs we run on
}  // namespace gguf_limits

// Immutable after Parse; safe to share between threads. Views live as long as the bytes given to Parse.
class GgufFile {
 public:
  // InvalidArgument, OutOfRange or Unimplemented: what, where (byte offset), expected, got. Overlapping tensors,
  // duplicate keys or tensor names, offsets off the alignment and data past the end are errors. Allocates at most a
  // small multiple of bytes.size(), whatever the bytes say.
  static absl::StatusOr<GgufFile> Parse(std::span<const uint8_t> bytes);

  // Header, metadata and tensor directory alone, with the same checks: for reports on files that Parse refuses because
  // of their tensors' sizes. No tensor has data; offsets are aligned and may lie past the end.
  static absl::StatusOr<GgufFile> ParseDirectory(std::span<const uint8_t> bytes);

  uint32_t version() const { return version_; }
  uint64_t alignment() const { return alignment_; }
  // Where tensor offsets count from. May lie past the end of a file without tensors.
  uint64_t data_offset() const { return data_offset_; }
  // In file order.
  const std::vector<std::pair<std::string_view, GgufValue>>& metadata() const { return metadata_; }
  // The values of metadata() as they stand in the file: u32 type, then the value.
  const std::vector<std::span<const uint8_t>>& raw_values() const { return raw_values_; }
  const std::vector<GgufTensor>& tensors() const { return tensors_; }

  // nullptr when absent.
  const GgufValue* Find(std::string_view key) const;
  const GgufTensor* FindTensor(std::string_view name) const;

  // NotFound when absent; InvalidArgument when the type is another one (any integer type that fits is accepted for
  // GetU64; any float or integer for GetF32, rounded to nearest), naming key, expected and actual type.
  absl::StatusOr<uint64_t> GetU64(std::string_view key) const;
  absl::StatusOr<float> GetF32(std::string_view key) const;
  absl::StatusOr<bool> GetBool(std::string_view key) const;
  absl::StatusOr<std::string_view> GetString(std::string_view key) const;
  // `element_type` must match exactly.
  absl::StatusOr<const GgufArray*> GetArray(std::string_view key, GgufType element_type) const;

 private:
  friend class GgufParser;
  GgufFile() = default;

  uint32_t version_ = 0;
  uint64_t alignment_ = 32;
  uint64_t data_offset_ = 0;
  std::vector<std::pair<std::string_view, GgufValue>> metadata_;
  std::vector<std::span<const uint8_t>> raw_values_;
  std::vector<GgufTensor> tensors_;
  absl::flat_hash_map<std::string_view, size_t> key_index_;
  absl::flat_hash_map<std::string_view, size_t> tensor_index_;
};

}  // namespace bitnet

#endif  // BITNET_GGUF_GGUF_FILE_H_
