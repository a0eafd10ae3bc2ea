// SafetensorsFile: a parsed safetensors file. Format: u64 header length, header (JSON, may end in spaces), tensor data.
//
//   {"__metadata__": {"format": "pt"},
//    "model.norm.weight": {"dtype": "BF16", "shape": [2560], "data_offsets": [0, 5120]}, ...}
//
// Offsets count from the end of the header. Data is little-endian, rows last dimension first, and fills the rest of the
// file: no gap, no overlap, no byte more. The published reader asks for this, so this one does too. "__metadata__" is
// checked, texts by name, and says nothing that a reader of tensors needs.

#ifndef BITNET_SAFETENSORS_SAFETENSORS_FILE_H_
#define BITNET_SAFETENSORS_SAFETENSORS_FILE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"

namespace bitnet {

enum class SafetensorsDtype : uint8_t {
  kBool,
  kU8,
  kI8,
  kF8E5M2,
  kF8E4M3,
  kI16,
  kU16,
  kF16,
  kBf16,
  kI32,
  kU32,
  kF32,
  kI64,
  kU64,
  kF64,
};
// As in files: "BF16".
std::string_view SafetensorsDtypeName(SafetensorsDtype dtype);
// Bytes of one element.
uint64_t SafetensorsDtypeSize(SafetensorsDtype dtype);

struct SafetensorsTensor {
  std::string name;
  SafetensorsDtype dtype = SafetensorsDtype::kU8;
  std::vector<uint64_t> shape;    // slowest dimension first; empty for a single value
  std::span<const uint8_t> data;  // not aligned to anything

  // Product of the shape; Parse has checked that it fits.
  uint64_t elements() const;
  // "BF16 [2560, 6912]"
  std::string Describe() const;
};

// What Parse accepts beyond the bytes being there; far above any real file.
namespace safetensors_limits {
inline constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // the format's own limit
inline constexpr uint64_t kMaxTensors = 1 << 18;          // 61 layers x 256 experts x 3 matrices x 2, weight and scale
inline constexpr uint64_t kMaxMetadata = 1 << 16;         // members of "__metadata__", which must be texts
inline constexpr uint64_t kMaxNameBytes = 1024;
inline constexpr uint64_t kMaxDims = 8;
}  // namespace safetensors_limits

// Immutable after Parse; safe to share between threads. Tensor data are views into the bytes given to Parse.
class SafetensorsFile {
 public:
  // `what` names the file in errors. InvalidArgument, OutOfRange (cut off) or Unimplemented (unknown dtype): what,
  // which tensor, expected, got. Allocates a small multiple of the header's size.
  static absl::StatusOr<SafetensorsFile> Parse(std::span<const uint8_t> bytes, std::string_view what);

  // In the order of their data.
  const std::vector<SafetensorsTensor>& tensors() const { return tensors_; }
  // nullptr when absent.
  const SafetensorsTensor* Find(std::string_view name) const;

 private:
  friend class SafetensorsParser;
  SafetensorsFile() = default;

  std::vector<SafetensorsTensor> tensors_;
  absl::flat_hash_map<std::string, size_t> index_;
};

}  // namespace bitnet

#endif  // BITNET_SAFETENSORS_SAFETENSORS_FILE_H_
