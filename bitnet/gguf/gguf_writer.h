// GgufWriter: writes a GGUF v3 file, header first, then tensor data streamed in directory order.

#ifndef BITNET_GGUF_GGUF_WRITER_H_
#define BITNET_GGUF_GGUF_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {

// Collects metadata and the tensor directory, then streams. Deterministic: equal calls give equal bytes. Not
// thread-safe. Order of use: Add* for metadata, AddTensor for the directory, Begin, WriteTensorData for each tensor in
// order (in any number of pieces), Complete if the file is to be looked at first, Finish. Nothing appears under the
// path before Finish; a writer that is destroyed earlier leaves nothing behind.
class GgufWriter {
 public:
  // Tensor data and each tensor in it start at multiples of this. The default is the format's own, which no key states;
  // for another one (a power of two, 8 or more) the caller also adds general.alignment. Before the first tensor.
  void SetAlignment(uint64_t alignment);

  // A key given twice is a programming error.
  void AddU32(std::string_view key, uint32_t value);
  void AddF32(std::string_view key, float value);
  void AddBool(std::string_view key, bool value);
  void AddString(std::string_view key, std::string_view value);
  void AddStringArray(std::string_view key, std::span<const std::string> values);
  void AddI32Array(std::string_view key, std::span<const int32_t> values);
  void AddF32Array(std::string_view key, std::span<const float> values);
  // A pair of another file, its value from GgufFile::raw_values().
  void AddRaw(std::string_view key, std::span<const uint8_t> type_and_value);

  // dims[0] is the row length. The size follows from type and dims. InvalidArgument for no or more than four dims, a
  // zero dim or a name given before; otherwise what TensorSizeInBytes says; FailedPrecondition after Begin.
  absl::Status AddTensor(std::string_view name, TensorType type, std::span<const uint64_t> dims);

  // Total file size, known once the directory is complete.
  uint64_t FileSize() const;
  // Everything before the tensor data: magic, counts, metadata, directory, padding.
  std::string Header() const;

  absl::Status Begin(const std::string& path);
  // The next bytes of tensor data; a tensor ends when its size is reached and padding is written for it. One call may
  // not go past the end of a tensor (OutOfRange).
  absl::Status WriteTensorData(std::span<const uint8_t> bytes);
  // Writes what is still buffered. Returns where the whole file can be read until Finish, by this process; nothing
  // stands under its own path yet. FailedPrecondition when tensor data is missing.
  absl::StatusOr<std::string> Complete();
  // Complete, and the file stands under its path.
  absl::Status Finish();

 private:
  struct Entry {
    std::string name;
    TensorType type;
    std::vector<uint64_t> dims;
    uint64_t offset;  // in the data section
    uint64_t bytes;   // without padding
  };

  void AddKeyName(std::string_view key);
  void AddKey(std::string_view key, GgufType type);
  uint64_t Aligned(uint64_t bytes) const { return (bytes + alignment_ - 1) & ~(alignment_ - 1); }
  void AddArrayHead(std::string_view key, GgufType element_type, size_t count);
  absl::Status Append(std::span<const uint8_t> bytes);
  absl::Status Flush();

  uint64_t alignment_ = gguf_limits::kDefaultAlignment;
  std::string metadata_;  // the pairs as they stand in the file
  absl::flat_hash_set<std::string> keys_;
  std::vector<Entry> tensors_;
  absl::flat_hash_set<std::string> tensor_names_;
  uint64_t data_bytes_ = 0;  // data section with padding

  std::string path_;
  std::optional<AtomicFile> file_;  // from Begin to Finish
  std::vector<uint8_t> buffer_;     // pieces smaller than kBufferBytes are gathered here
  size_t current_ = 0;              // tensor that the next byte belongs to
  uint64_t current_bytes_ = 0;      // already given of it
};

}  // namespace bitnet

#endif  // BITNET_GGUF_GGUF_WRITER_H_
