// ModelSource: a model as the converter sees it, wherever it comes from: metadata, and tensors in the order of the
// file to be written, each either trits and a scale or bytes that are taken over as they are.

#ifndef BITNET_CONVERT_MODEL_SOURCE_H_
#define BITNET_CONVERT_MODEL_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "bitnet/gguf/gguf_writer.h"
#include "bitnet/quant/quantization_error.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {

struct SourceTensor {
  std::string name;                           // as the source has it
  std::vector<uint64_t> dims;                 // dims[0] is the row length
  bool ternary = false;                       // written in the target's format
  TensorType stored_type = TensorType::kF32;  // of a tensor that is not ternary

  // The name for a message: it is outside text, which may hold anything, control characters of terminals included.
  std::string shown() const { return absl::Utf8SafeCHexEscape(name); }
  int64_t cols() const { return static_cast<int64_t>(dims[0]); }
  int64_t elements() const;  // product of dims
  int64_t rows() const { return elements() / cols(); }
};

enum class MeasureError : bool { kNo, kYes };

// What reading a matrix gave besides its trits.
struct TritsRead {
  float scale = 0;
  // With MeasureError::kYes, when the stored matrix was not ternary and has been made so: how far the result is from
  // it.
  std::optional<QuantizationError> error;
};

// Takes the bytes of a tensor in order, in any number of pieces.
using ByteSink = absl::FunctionRef<absl::Status(std::span<const uint8_t>)>;

// Immutable; const methods may be called from several threads at once. Reading a tensor twice gives the same result.
class ModelSource {
 public:
  virtual ~ModelSource() = default;

  // What the ternary matrices are stored as: "i2_s", "f16", "i2_s, f16".
  virtual std::string format() const = 0;
  virtual uint64_t bytes() const = 0;  // of the file or files
  // Paths of the files that the model is read from, and of those beside them that belong to it: no conversion of this
  // source may write to one of them. Some need not exist.
  virtual std::vector<std::string> inputs() const = 0;
  virtual const std::vector<SourceTensor>& tensors() const = 0;

  // Adds every pair but those that depend on the format (IsFormatKey), and calls add_format_keys once, where those
  // belong. Sets the alignment if it is not the default.
  virtual void AddMetadata(GgufWriter& writer, absl::FunctionRef<void()> add_format_keys) const = 0;

  // Trits [elements] of a ternary tensor and its scale; the error of quantization only where it is asked for, since it
  // costs a pass of its own. An error names the tensor.
  virtual absl::StatusOr<TritsRead> ReadTrits(size_t tensor, std::span<int8_t> trits, MeasureError measure) const = 0;

  // The bytes of a tensor that is not ternary, TensorSizeInBytes(stored_type, ...) of them. Errors of the sink go
  // through unchanged.
  virtual absl::Status ReadStored(size_t tensor, ByteSink sink) const = 0;

  // What a reader of the conversion's report should know besides: what was decided, left out or rounded, one sentence
  // each. Complete once every tensor has been read.
  virtual std::vector<std::string> notes() const { return {}; }
};

inline int64_t SourceTensor::elements() const {
  int64_t product = 1;
  for (const uint64_t dim : dims) product *= static_cast<int64_t>(dim);
  return product;
}

}  // namespace bitnet

#endif  // BITNET_CONVERT_MODEL_SOURCE_H_
