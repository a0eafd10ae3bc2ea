#include "bitnet/quant/quantize_matrix.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/quant/floats/float_kernel_table.h"

namespace bitnet {
namespace {

// 16 KiB of trits beside 64 KiB of floats: the former stay in a first-level cache, the latter in a second-level one.
constexpr int64_t kChunkElements = 16384;

// How a matrix of this format is cut between rows: `row_bytes` for each, then `tail` bytes for all of them.
struct Slices {
  int64_t chunk_rows = 0;  // all rows when the format cannot be cut
  uint64_t row_bytes = 0;
  uint64_t tail = 0;
  uint64_t Size(int64_t rows) const { return static_cast<uint64_t>(rows) * row_bytes + tail; }
};

Slices SlicesOf(const TernaryCodec& codec, int64_t rows, int64_t cols) {
  if (codec.type == TensorType::kTl1 || codec.type == TensorType::kTl2) return {rows, 0, codec.size(rows, cols)};
  const uint64_t row_bytes = codec.size(2, cols) - codec.size(1, cols);
  return {std::clamp(kChunkElements / cols, int64_t{1}, rows), row_bytes, codec.size(1, cols) - row_bytes};
}

// Memory that is written before it is read: clearing it would cost a second pass.
template <typename T>
struct Buffer {
  explicit Buffer(uint64_t size) : data(std::make_unique_for_overwrite<T[]>(size)), span(data.get(), size) {}
  std::unique_ptr<T[]> data;
  std::span<T> span;
};

// Rows [begin, end) as trits, and the scale they were unpacked with. A visit that begins at row 0 starts over.
using VisitRows = absl::FunctionRef<void(int64_t begin, int64_t end, std::span<const int8_t> trits, float scale)>;

absl::StatusOr<float> VisitWhole(const TernaryCodec& codec, std::span<const uint8_t> data, int64_t rows, int64_t cols,
                                 const CodecParams& params, std::string_view name, VisitRows visit) {
  const Buffer<int8_t> trits(static_cast<uint64_t>(rows * cols));
  BITNET_ASSIGN_OR_RETURN(const float scale, codec.unpack(data, rows, cols, params, name, trits.span));
  visit(0, rows, trits.span, scale);
  return scale;
}

// Unpacks chunk after chunk. Whatever is wrong or unclear in one of them, the codec shall say about the whole matrix,
// so that errors count elements and blocks from its start.
absl::StatusOr<float> VisitChunks(const TernaryCodec& codec, std::span<const uint8_t> data, int64_t rows, int64_t cols,
                                  const CodecParams& params, std::string_view name, VisitRows visit) {
  const Slices slices = SlicesOf(codec, rows, cols);
  if (slices.chunk_rows >= rows || data.size() != slices.Size(rows)) {
    return VisitWhole(codec, data, rows, cols, params, name, visit);
  }
  const Buffer<uint8_t> buffer(slices.tail > 0 ? slices.Size(slices.chunk_rows) : 0);
  const Buffer<int8_t> trits(static_cast<uint64_t>(slices.chunk_rows * cols));
  float scale = 0;
  for (int64_t begin = 0; begin < rows; begin += slices.chunk_rows) {
    const int64_t end = std::min(begin + slices.chunk_rows, rows);
    const uint64_t codes = static_cast<uint64_t>(end - begin) * slices.row_bytes;
    std::span<const uint8_t> chunk = data.subspan(static_cast<size_t>(begin) * slices.row_bytes, codes);
    if (slices.tail > 0) {
      std::memcpy(buffer.span.data(), chunk.data(), codes);
      std::memcpy(buffer.span.data() + codes, data.data() + data.size() - slices.tail, slices.tail);
      chunk = buffer.span.first(codes + slices.tail);
    }
    const std::span<int8_t> chunk_trits = trits.span.first(static_cast<size_t>((end - begin) * cols));
    const absl::StatusOr<float> found = codec.unpack(chunk, end - begin, cols, params, name, chunk_trits);
    // A chunk of zeros has scale 0 where the blocks hold it.
    if (!found.ok() || (*found != scale && *found != 0 && scale != 0)) {
      return VisitWhole(codec, data, rows, cols, params, name, visit);
    }
    if (*found != 0) scale = *found;
    visit(begin, end, chunk_trits, *found);
  }
  return scale;
}

absl::Status HasZero(const TernaryCodec& codec, uint64_t element, float value) {
  return absl::InvalidArgumentError(absl::StrCat("element ", element, ": ", value, " as a trit is 0, and ", codec.name,
                                                 " holds -1 and +1 only; choose another format"));
}

}  // namespace

absl::StatusOr<float> Quantize(const TernaryCodec& codec, const FloatView& values, int64_t rows, int64_t cols,
                               QuantizeMethod method, const CodecParams& params, std::span<uint8_t> data) {
  BITNET_RETURN_IF_ERROR(codec.check_shape(rows, cols, params));
  CHECK_EQ(values.size(), static_cast<uint64_t>(rows) * static_cast<uint64_t>(cols));
  CHECK_EQ(data.size(), codec.size(rows, cols));
  BITNET_ASSIGN_OR_RETURN(const float scale, QuantizationScale(values, method, params.isa));
  const FloatKernels& kernels = FloatKernelsFor(params.isa);
  const Slices slices = SlicesOf(codec, rows, cols);
  const Buffer<int8_t> trits(static_cast<uint64_t>(slices.chunk_rows * cols));
  const Buffer<float> scratch(values.InPlace() ? 0 : std::min<uint64_t>(trits.span.size(), kChunkElements));
  for (int64_t begin = 0; begin < rows; begin += slices.chunk_rows) {
    const int64_t end = std::min(begin + slices.chunk_rows, rows);
    const int64_t first = begin * cols, elements = (end - begin) * cols;
    for (int64_t at = 0; at < elements; at += kChunkElements) {
      const int64_t n = std::min(kChunkElements, elements - at);
      const std::span<const float> chunk =
          values.Read(static_cast<uint64_t>(first + at), static_cast<uint64_t>(n), params.isa, scratch.span);
      kernels.quantize(chunk.data(), n, scale, trits.span.data() + at);
      if (codec.has_zero) continue;
      if (const void* zero = std::memchr(trits.span.data() + at, 0, static_cast<size_t>(n)); zero != nullptr) {
        const int64_t index = static_cast<const int8_t*>(zero) - (trits.span.data() + at);
        return HasZero(codec, static_cast<uint64_t>(first + at + index), chunk[index]);
      }
    }
    // A tail is written where the next chunk's codes will overwrite it; the last one stays.
    BITNET_RETURN_IF_ERROR(
        codec.pack(trits.span.first(static_cast<size_t>(elements)), end - begin, cols, scale, params,
                   data.subspan(static_cast<size_t>(begin) * slices.row_bytes, slices.Size(end - begin))));
  }
  return scale;
}

absl::StatusOr<float> Dequantize(const TernaryCodec& codec, std::span<const uint8_t> data, int64_t rows, int64_t cols,
                                 const CodecParams& params, std::string_view name, std::span<float> values) {
  BITNET_RETURN_IF_ERROR(codec.check_shape(rows, cols, params));
  CHECK_EQ(values.size(), static_cast<uint64_t>(rows) * static_cast<uint64_t>(cols));
  return VisitChunks(codec, data, rows, cols, params, name,
                     [&](int64_t begin, int64_t end, std::span<const int8_t> trits, float scale) {
                       DequantizeTrits(trits, scale, params.isa,
                                       values.subspan(static_cast<size_t>(begin * cols), trits.size()));
                     });
}

absl::StatusOr<QuantizationError> MeasureQuantization(const TernaryCodec& codec, const FloatView& values,
                                                      std::span<const uint8_t> data, int64_t rows, int64_t cols,
                                                      const CodecParams& params, std::string_view name) {
  BITNET_RETURN_IF_ERROR(codec.check_shape(rows, cols, params));
  CHECK_EQ(values.size(), static_cast<uint64_t>(rows) * static_cast<uint64_t>(cols));
  BITNET_RETURN_IF_ERROR(QuantizationScale(values, QuantizeMethod::kAbsmax, params.isa).status());
  QuantizationErrorSum sum(params.isa);
  const Buffer<float> original(kChunkElements), stored(kChunkElements);
  const absl::StatusOr<float> scale = VisitChunks(
      codec, data, rows, cols, params, name,
      [&](int64_t begin, int64_t end, std::span<const int8_t> trits, float chunk_scale) {
        if (begin == 0) sum = QuantizationErrorSum(params.isa);
        for (size_t at = 0; at < trits.size(); at += kChunkElements) {
          const size_t n = std::min<size_t>(kChunkElements, trits.size() - at);
          const std::span<float> back = stored.span.first(n);
          DequantizeTrits(trits.subspan(at, n), chunk_scale, params.isa, back);
          sum.Add(values.Read(static_cast<uint64_t>(begin * cols) + at, n, params.isa, original.span), back);
        }
      });
  if (!scale.ok()) return scale.status();
  return sum.Finish();
}

}  // namespace bitnet
