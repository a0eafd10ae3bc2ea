// Synthetic models: the exact form of the official BitNet b1.58 file, or of a converted Llama-like one, with weights from
// a seed.

#ifndef BITNET_SYNTHETIC_SYNTHETIC_MODEL_H_
#define BITNET_SYNTHETIC_SYNTHETIC_MODEL_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/gguf/gguf_writer.h"
#include "bitnet/synthetic/presets.h"

namespace bitnet {

// Called on the caller's thread after each piece of the file; false cancels.
using SyntheticProgress = absl::FunctionRef<bool(uint64_t bytes_done, uint64_t bytes_total)>;

// Metadata and tensor directory in the order of the official file: 24 pairs, no tokenizer.ggml.pre. An architecture that
// has heads of their own size and does not imply the words of Llama-3 says both: 3 pairs more.
absl::StatusOr<GgufWriter> MakeSyntheticHeader(const SyntheticPreset& preset, uint64_t seed);

// Writes the model of (preset, seed): the same bytes on every machine and for any number of threads >= 1. Cancelled
// when `progress` says so. On any error nothing is left under or beside `path`. Returns the file's size.
absl::StatusOr<uint64_t> WriteSyntheticModel(const SyntheticPreset& preset, uint64_t seed, const std::string& path,
                                             SyntheticProgress progress, int threads);

}  // namespace bitnet

#endif  // BITNET_SYNTHETIC_SYNTHETIC_MODEL_H_
