#include "bitnet/quant/block_matrix.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <string>

#include "absl/log/check.h"
#include "absl/log/log.h"
#include "absl/strings/str_cat.h"
#include "bitnet/quant/block_scale.h"
#include "bitnet/quant/blocks/block_kernel_table.h"

namespace bitnet {
namespace {

// Whole blocks of every layout; their trits stay in the first-level cache.
constexpr int64_t kChunkWeights = 16384;

constexpr int64_t kI2sCodesPerByte = 4;

bool HasBlockScale(const BlockFormat& format) { return ShapeOf(format.layout).scale_at >= 0; }

// Of what Read needs of its arguments.
struct Source {
  const BlockFormat& format;
  std::span<const uint8_t> data;
  int64_t weights;
  const CodecParams& params;
  std::string_view name;
};

absl::StatusOr<Source> CheckSource(const BlockFormat& format, std::span<const uint8_t> data, int64_t rows, int64_t cols,
                                   const CodecParams& params, std::string_view name) {
  if (absl::Status status = CheckBlockShape(format, rows, cols); !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("tensor \"", name, "\": ", status.message()));
  }
  const uint64_t size = BlockMatrixSize(format, rows, cols);
  if (data.size() != size) {
    return absl::InvalidArgumentError(absl::StrCat("tensor \"", name, "\": ", format.label, " [", rows, "][", cols,
                                                   "]: expected ", size, " bytes, got ", data.size()));
  }
  return Source{format, data, rows * cols, params, name};
}

absl::Status IllegalCode(const Source& source, int64_t first_block, int64_t blocks) {
  const BlockFormat& format = source.format;
  const BlockShape shape = ShapeOf(format.layout);
  for (int64_t block = first_block; block < first_block + blocks; ++block) {
    const uint8_t* bytes = source.data.data() + block * shape.bytes;
    const int weight = FirstIllegalWeight(format.layout, bytes);
    if (weight < 0) continue;
    const std::string place = absl::StrCat("tensor \"", source.name, "\": ", format.label, " code of element ",
                                           block * shape.weights + weight);
    if (format.layout == BlockLayout::kTq1_0) {
      const int byte = weight < 160 ? weight : weight < 240 ? weight - 128 : weight - 192;
      return absl::InvalidArgumentError(absl::StrCat(place, " (block ", block, ", byte ", byte, "): 0x",
                                                     absl::Hex(bytes[byte], absl::kZeroPad2),
                                                     " is not the code of any ternary weights"));
    }
    return absl::InvalidArgumentError(absl::StrCat(
        place, ": expected 0, 1 or 2, got 3; ",
        format.layout == BlockLayout::kQ2_0 ? "that is +2, which Q2_0 allows and a ternary matrix does not have"
                                            : "the file is damaged, or the tensor is not in the layout it claims"));
  }
  LOG(FATAL) << format.label << ": a kernel found an illegal code where there is none";
}

// The scale after the codes, or from the metadata.
absl::StatusOr<float> ScaleOfMatrix(const Source& source) {
  if (source.format.tail_bytes == 0) {
    if (!source.params.has_exact_scale) {
      return absl::FailedPreconditionError(
          absl::StrCat("tensor \"", source.name, "\": ", source.format.label,
                       " has no scale of its own, and the file's metadata (bitnet.ternary.scales) has none for it"));
    }
    const float scale = source.params.exact_scale;
    const absl::Status status =
        CheckScale(scale, absl::StrCat("tensor \"", source.name, "\": scale in the file's metadata"));
    if (!status.ok()) return status;
    return scale;
  }
  const size_t at = source.data.size() - source.format.tail_bytes;
  float scale;
  std::memcpy(&scale, source.data.data() + at, sizeof(scale));
  const absl::Status status = CheckScale(scale, absl::StrCat("tensor \"", source.name, "\": ", source.format.label,
                                                             " scale at byte ", at, " of the tensor"));
  if (!status.ok()) return status;
  return scale;
}

// Unpacks in pieces: buffer(first weight, weights) says where a piece's trits go, done(first weight, trits) gets them.
template <typename Buffer, typename Done>
absl::StatusOr<float> Read(const Source& source, Buffer buffer, Done done) {
  const BlockShape shape = ShapeOf(source.format.layout);
  const BlockKernels& kernels = BlockKernelsFor(source.format.layout, source.params.isa);
  std::optional<BlockScaleReader> scales;
  if (HasBlockScale(source.format)) {
    absl::StatusOr<BlockScaleReader> reader = BlockScaleReader::Create(source.format, source.params, source.name);
    if (!reader.ok()) return reader.status();
    scales = *std::move(reader);
  }
  float scale = 0;
  if (!scales.has_value()) {
    const absl::StatusOr<float> of_matrix = ScaleOfMatrix(source);
    if (!of_matrix.ok()) return of_matrix.status();
    scale = *of_matrix;
  }
  for (int64_t first = 0; first < source.weights; first += kChunkWeights) {
    const int64_t weights = std::min(kChunkWeights, source.weights - first);
    const int64_t first_block = first / shape.weights, blocks = weights / shape.weights;
    const std::span<const uint8_t> data = source.data.subspan(first_block * shape.bytes, blocks * shape.bytes);
    const std::span<int8_t> trits(buffer(first), weights);
    if (kernels.unpack(data.data(), blocks, trits.data()) != 0) return IllegalCode(source, first_block, blocks);
    if (scales.has_value()) {
      if (absl::Status status = scales->Read(data, trits); !status.ok()) return status;
    }
    done(first, trits);
  }
  return scales.has_value() ? scales->Scale() : scale;
}

// Why a pack kernel refused: a weight that is not ternary is the caller's error, a zero may be the user's.
absl::Status RefusedTrit(const BlockFormat& format, std::span<const int8_t> trits, int64_t cols) {
  for (size_t i = 0; i < trits.size(); ++i) {
    CHECK(trits[i] >= -1 && trits[i] <= 1) << "a weight outside {-1, 0, +1}: " << int{trits[i]} << " at element " << i;
    if (trits[i] == 0 && format.layout == BlockLayout::kQ1_0) {
      return absl::InvalidArgumentError(absl::StrCat(format.label, " has no zero: weight ", i % cols, " of row ",
                                                     i / cols,
                                                     " is 0; choose a format of three values, tq1_0 is the smallest"));
    }
  }
  LOG(FATAL) << format.label << ": a kernel refused legal weights";
}

}  // namespace

absl::Status CheckBlockShape(const BlockFormat& format, int64_t rows, int64_t cols) {
  const int weights = ShapeOf(format.layout).weights;
  int64_t elements = 0;
  if (rows >= 1 && cols >= 1 && cols % weights == 0 && !__builtin_mul_overflow(rows, cols, &elements) &&
      elements <= INT64_MAX / 2) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat(format.label, " [", rows, "][", cols, "]: expected rows of a multiple of ", weights, " weights"));
}

uint64_t BlockMatrixSize(const BlockFormat& format, int64_t rows, int64_t cols) {
  const BlockShape shape = ShapeOf(format.layout);
  return static_cast<uint64_t>(rows * cols / shape.weights * shape.bytes + format.tail_bytes);
}

absl::Status PackBlockMatrix(const BlockFormat& format, std::span<const int8_t> trits, int64_t rows, int64_t cols,
                             float scale, const CodecParams& params, std::span<uint8_t> data) {
  if (absl::Status status = CheckBlockShape(format, rows, cols); !status.ok()) return status;
  CHECK_EQ(trits.size(), static_cast<uint64_t>(rows * cols));
  CHECK_EQ(data.size(), BlockMatrixSize(format, rows, cols));
  const std::string what = absl::StrCat(format.label, " scale");
  if (absl::Status status = CheckScale(scale, what); !status.ok()) return status;
  F16 bits = 0;
  if (HasBlockScale(format)) {
    const absl::StatusOr<F16> rounded = RoundScale(scale, what);
    if (!rounded.ok()) return rounded.status();
    bits = *rounded;
  }
  const int64_t blocks = rows * cols / ShapeOf(format.layout).weights;
  if (BlockKernelsFor(format.layout, params.isa).pack(trits.data(), blocks, bits, data.data()) != 0) {
    return RefusedTrit(format, trits, cols);
  }
  if (format.tail_bytes > 0) {
    const std::span<uint8_t> tail = data.last(format.tail_bytes);
    std::fill(tail.begin(), tail.end(), uint8_t{0});
    std::memcpy(tail.data(), &scale, sizeof(scale));
  }
  return absl::OkStatus();
}

absl::StatusOr<float> UnpackBlockMatrix(const BlockFormat& format, std::span<const uint8_t> data, int64_t rows,
                                        int64_t cols, const CodecParams& params, std::string_view name,
                                        std::span<int8_t> trits) {
  const absl::StatusOr<Source> source = CheckSource(format, data, rows, cols, params, name);
  if (!source.ok()) return source.status();
  CHECK_EQ(trits.size(), static_cast<uint64_t>(source->weights));
  return Read(
      *source, [&](int64_t first) { return trits.data() + first; }, [](int64_t, std::span<const int8_t>) {});
}

absl::StatusOr<float> RepackBlockMatrix(const BlockFormat& format, std::span<const uint8_t> data, int64_t rows,
                                        int64_t cols, const CodecParams& params, std::string_view name,
                                        std::span<uint8_t> packed) {
  const absl::StatusOr<Source> source = CheckSource(format, data, rows, cols, params, name);
  if (!source.ok()) return source.status();
  CHECK_EQ(cols % ShapeOf(BlockLayout::kI2s).weights, 0);
  CHECK_EQ(packed.size(), static_cast<uint64_t>(source->weights / kI2sCodesPerByte));
  std::array<int8_t, kChunkWeights> buffer;
  return Read(
      *source, [&](int64_t) { return buffer.data(); },
      [&](int64_t first, std::span<const int8_t> trits) {
        PackI2sCodes(trits, params.isa, packed.subspan(first / kI2sCodesPerByte, trits.size() / kI2sCodesPerByte));
      });
}

void PackI2sCodes(std::span<const int8_t> trits, IsaSet isa, std::span<uint8_t> packed) {
  const int64_t weights = static_cast<int64_t>(trits.size());
  CHECK_EQ(weights % ShapeOf(BlockLayout::kI2s).weights, 0);
  CHECK_EQ(packed.size(), static_cast<uint64_t>(weights / kI2sCodesPerByte));
  const BlockKernels& kernels = BlockKernelsFor(BlockLayout::kI2s, isa);
  const uint32_t bad = kernels.pack(trits.data(), weights / ShapeOf(BlockLayout::kI2s).weights, 0, packed.data());
  CHECK_EQ(bad, 0u) << "a weight outside {-1, 0, +1}";
}

}  // namespace bitnet
