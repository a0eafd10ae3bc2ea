// The stored forms of a ternary matrix, behind one interface: what `convert`, the loader, `inspect` and the benchmarks
// know about a format is its row of TernaryCodecs().
//
// The common tongue between formats is trits, int8 -1, 0, +1, [rows][cols] row-major, and one binary32 scale for the
// matrix: value = scale * trit. A conversion that changes a trit or a scale bit is a bug or an error, never a result.

#ifndef BITNET_QUANT_CODEC_H_
#define BITNET_QUANT_CODEC_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/quant/tl_tiling.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {

// Where a format keeps the scale.
enum class ScaleForm : uint8_t {
  kTail,      // binary32 after the codes, exact
  kBlockF16,  // binary16 in every block: the scale rounded to nearest even; all blocks of a matrix carry the same one
  kOutside,   // not in the tensor: the file's metadata has it
};

// What packing and unpacking need besides the bytes.
struct CodecParams {
  // Of the matrix at hand; TL1 and TL2 only, where it is required.
  const TlTiling* tiling = nullptr;
  // Instruction sets that may be used. All give the same bytes.
  IsaSet isa = {Isa::kScalar};
  // kBlockF16 formats: the exact scale, when the file's metadata has it; the blocks must hold its rounding. kOutside
  // formats: required by Unpack. 0 with has_exact_scale false: not known.
  float exact_scale = 0;
  bool has_exact_scale = false;
};

struct TernaryCodec {
  std::string_view name;  // "tq2_0": in flags, receipts, metadata and reports
  TensorType type;        // in a GGUF directory; I2_S of 64-groups shares kI2S
  ScaleForm scale_form;
  int64_t col_multiple;  // a row is a multiple of this many weights
  bool has_zero = true;  // false: Q1_0, which can hold -1 and +1 only

  // Whether a [rows][cols] matrix can be stored. InvalidArgument says what does not fit.
  absl::Status (*check_shape)(int64_t rows, int64_t cols, const CodecParams& params);
  // Bytes of a matrix that check_shape accepts.
  uint64_t (*size)(int64_t rows, int64_t cols);
  // trits [rows * cols] -> data [size(rows, cols)] (CHECK), every byte written. InvalidArgument for a shape that does
  // not fit, a zero in a format without zeros, a scale that is negative, not finite, or beyond binary16 where the
  // format rounds to it.
  absl::Status (*pack)(std::span<const int8_t> trits, int64_t rows, int64_t cols, float scale,
                       const CodecParams& params, std::span<uint8_t> data);
  // data -> trits [rows * cols] and the scale. `name` is for errors. InvalidArgument for data of another size, an
  // illegal code with its element, a bad scale, blocks that contradict params.exact_scale; Unimplemented for blocks
  // with different scales; FailedPrecondition when a required tiling or scale is not in `params`.
  absl::StatusOr<float> (*unpack)(std::span<const uint8_t> data, int64_t rows, int64_t cols, const CodecParams& params,
                                  std::string_view name, std::span<int8_t> trits);
  // What RepackToI2s does for this format.
  absl::StatusOr<float> (*repack_to_i2s)(std::span<const uint8_t> data, int64_t rows, int64_t cols,
                                         const CodecParams& params, std::string_view name, std::span<uint8_t> packed);
};

// Every format, in the order of documents: i2_s, i2_s_64, tl1, tl2, tq1_0, tq2_0, q2_0, q1_0, i2s_32, qk256.
std::span<const TernaryCodec> TernaryCodecs();

// By name; nullptr when there is none.
const TernaryCodec* FindTernaryCodec(std::string_view name);

// The codec of a tensor type; nullptr when the type is not ternary. kI2S gives i2_s: only metadata says i2_s_64.
const TernaryCodec* TernaryCodecOfType(TensorType type);

// Whether `pack` takes this scale: the errors that it gives for one, without a matrix.
absl::Status CheckCodecScale(const TernaryCodec& codec, float scale);

// data of any codec -> I2_S codes, packed [rows * cols / 4] (CHECK), without tail; cols a multiple of 128
// (InvalidArgument otherwise). Returns the scale; errors as of unpack. The load-time repack: formats of blocks go
// through a buffer of a few blocks, tiled ones through the trits of a few rows.
absl::StatusOr<float> RepackToI2s(const TernaryCodec& codec, std::span<const uint8_t> data, int64_t rows, int64_t cols,
                                  const CodecParams& params, std::string_view name, std::span<uint8_t> packed);

}  // namespace bitnet

#endif  // BITNET_QUANT_CODEC_H_
