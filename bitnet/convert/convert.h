// Convert: a model from any source into a GGUF file whose ternary tensors are in one chosen format.
//
// Two passes over the source. The first reads every tensor: what cannot be converted is refused before a byte is
// written, be it a weight, a scale or a value of a table, and formats with binary16 scales need all scales for the
// metadata, which comes first in the file. The second reads again and writes. Memory: one matrix of trits for each
// worker, and a batch of packed tensors.

#ifndef BITNET_CONVERT_CONVERT_H_
#define BITNET_CONVERT_CONVERT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/convert/model_source.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/quantization_error.h"
#include "bitnet/quant/tl_tiling.h"

namespace bitnet {

struct ConvertOptions {
  const TernaryCodec* to = nullptr;  // required
  // TL1 and TL2: tilings to use, one for each shape; when empty, the default for each shape.
  std::span<const TlTiling> tilings;
  IsaSet isa = {Isa::kScalar};  // any gives the same bytes
};

// Called on the caller's thread with weights done of all; `stage` is "read", "write" or "verify". False cancels.
using ConvertProgress = absl::FunctionRef<bool(std::string_view stage, uint64_t done, uint64_t total)>;

// What became of one ternary tensor.
struct ConvertedTensor {
  std::string name;
  float scale = 0;
  std::optional<QuantizationError> error;  // when it had to be quantized
};

struct ConvertResult {
  uint64_t bytes = 0;  // of the file
  uint64_t tensors = 0;
  std::vector<ConvertedTensor> ternary;  // in directory order
};

// Called once when every byte has been written, with a path under which this process can read them until it returns.
// Its error is Convert's, and nothing comes to the file's own path.
using ConvertCheck = absl::FunctionRef<absl::Status(const std::string& written)>;

// Writes `path` whole or not at all: on any error what stood there stays. Errors of the source, of the codec's
// check_shape and pack (all name the tensor), of tilings, of writing; Cancelled when `progress` says so.
absl::StatusOr<ConvertResult> Convert(const ModelSource& source, const ConvertOptions& options, const std::string& path,
                                      ThreadPool& pool, ConvertProgress progress, ConvertCheck check);

// Without a check.
absl::StatusOr<ConvertResult> Convert(const ModelSource& source, const ConvertOptions& options, const std::string& path,
                                      ThreadPool& pool, ConvertProgress progress);

struct VerifyResult {
  uint64_t ternary = 0;  // tensors that are equal in every trit and in every bit of the scale
  uint64_t stored = 0;   // tensors that are equal in every byte
  // As in receipts (ModelDigests). Empty when a row of some tensor is not a multiple of 128 weights, so that no digest
  // is defined.
  std::optional<Digest> ternary_digest_before;
  std::optional<Digest> ternary_digest_after;
};

// Reads the file at `path` anew, as the loader does, and compares it with the source: metadata but for the keys of the
// format, the directory, every tensor. DataLoss names the first key or tensor, in the order of the file, that differs,
// and where; or says why the file cannot be read.
absl::StatusOr<VerifyResult> VerifyConversion(const ModelSource& source, const ConvertOptions& options,
                                              const std::string& path, ThreadPool& pool, ConvertProgress progress);

}  // namespace bitnet

#endif  // BITNET_CONVERT_CONVERT_H_
