// GgufWriter: writes a GGUF v3 file, header first, then tensor data streamed in directory order.

#ifndef BITNET_GGUF_GGUF_WRITER_H_
#define BITNET_GGUF_GGUF_WRITER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {

// Collects metadata and the tensor directory, then streams. Deterministic: equal calls give equal bytes. Not
// thread-safe. Order of use: Add* for metadata, AddTensor for the directory, Begin, WriteTensorData for each tensor in
// order (in any number of pieces), Finish. Nothing appears under the path before Finish.
class GgufWriter {
 public:
  void AddU32(std::string_view key, uint32_t value);
  void AddF32(std::string_view key, float value);
  void AddBool(std::string_view key, bool value);
  void AddString(std::string_view key, std::string_view value);
  void AddStringArray(std::string_view key, std::span<const std::string> values);
  void AddI32Array(std::string_view key, std::span<const int32_t> values);
  void AddF32Array(std::string_view key, std::span<const float> values);

  // dims[0] is the row length. The size follows from type and dims.
  absl::Status AddTensor(std::string_view name, TensorType type, std::span<const uint64_t> dims);

  // Total file size, known once the directory is complete.
  uint64_t FileSize() const;

  absl::Status Begin(const std::string& path);
  // The next bytes of tensor data; a tensor ends when its size is reached and padding is written for it.
  absl::Status WriteTensorData(std::span<const uint8_t> bytes);
  // FailedPrecondition when tensor data is missing.
  absl::Status Finish();
};

}  // namespace bitnet

#endif  // BITNET_GGUF_GGUF_WRITER_H_
