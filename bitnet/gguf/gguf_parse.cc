// Parsing of GGUF containers. The walk is one pass over the bytes:
//
//   header -> key-value pairs -> alignment -> tensor directory -> placement of each tensor -> overlap check
//
// ParseDirectory leaves out the last two.
//
// Two rules keep it safe. Bytes are read through ByteReader only. And a count from the file is believed only when
// count * (smallest encoding of one item) fits into the bytes that are left, before anything is reserved for it; so
// memory is bounded by a constant times the input, and a loop cannot outlast the input.

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/byte_reader.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/gguf/gguf_fields.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {
namespace {

constexpr uint32_t kMagic = 0x46554747;  // "GGUF"

// Smallest encodings. A pair: u64 key length, 1 byte of key, u32 type, 1 byte of value. A directory entry: u64 name
// length, 1 byte of name, u32 dimension count, one u64 dimension, u32 type, u64 offset.
constexpr uint64_t kMinPairBytes = 8 + 1 + 4 + 1;
constexpr uint64_t kMinTensorBytes = 8 + 1 + 4 + 8 + 4 + 8;

// A count from the header: at most `limit`, and no more than the remaining bytes can hold.
absl::Status CheckCount(const ByteReader& reader, uint64_t count, uint64_t limit, uint64_t min_bytes,
                        std::string_view what) {
  if (count > limit) {
    return absl::InvalidArgumentError(absl::StrCat("header: ", what, ": expected at most ", limit, ", got ", count));
  }
  if (count > reader.remaining() / min_bytes) {
    return absl::OutOfRangeError(absl::StrCat("header: ", what, ": ", count, " need at least ", count * min_bytes,
                                              " bytes from offset ", reader.offset(), ", ", reader.remaining(),
                                              " left"));
  }
  return absl::OkStatus();
}

}  // namespace

// Fills one GgufFile from one span of bytes.
class GgufParser {
 public:
  explicit GgufParser(std::span<const uint8_t> bytes) : bytes_(bytes), reader_(bytes) {}

  absl::StatusOr<GgufFile> Parse(bool place_tensors) {
    BITNET_RETURN_IF_ERROR(ReadHeader());
    for (uint64_t i = 0; i < pair_count_; ++i) BITNET_RETURN_IF_ERROR(ReadPair(i));
    BITNET_RETURN_IF_ERROR(ReadAlignment());
    BITNET_RETURN_IF_ERROR(
        CheckCount(reader_, tensor_count_, gguf_limits::kMaxTensors, kMinTensorBytes, "tensor count"));
    file_.tensors_.reserve(tensor_count_);
    file_.tensor_index_.reserve(tensor_count_);
    for (uint64_t i = 0; i < tensor_count_; ++i) BITNET_RETURN_IF_ERROR(ReadTensor(i));
    const uint64_t mask = file_.alignment_ - 1;  // alignment <= 64 KiB, so the sum below cannot wrap
    file_.data_offset_ = (reader_.offset() + mask) & ~mask;
    if (!place_tensors) return std::move(file_);
    for (GgufTensor& tensor : file_.tensors_) BITNET_RETURN_IF_ERROR(PlaceTensor(tensor));
    BITNET_RETURN_IF_ERROR(CheckOverlap());
    return std::move(file_);
  }

 private:
  absl::Status ReadHeader() {
    BITNET_ASSIGN_OR_RETURN(const uint32_t magic, reader_.Read<uint32_t>("header: magic"));
    if (magic != kMagic) {
      return absl::InvalidArgumentError(absl::StrCat("header: magic at offset 0: expected \"GGUF\", got bytes 0x",
                                                     absl::Hex(__builtin_bswap32(magic), absl::kZeroPad8),
                                                     "; this is not a GGUF file"));
    }
    BITNET_ASSIGN_OR_RETURN(file_.version_, reader_.Read<uint32_t>("header: version"));
    if (file_.version_ != 2 && file_.version_ != 3) {
      const bool swapped = __builtin_bswap32(file_.version_) <= 3;
      return absl::UnimplementedError(absl::StrCat(
          "header: version at offset 4: expected 2 or 3, got ", file_.version_,
          swapped ? "; this is a big-endian file, convert it to little-endian" : "; convert the file to version 3"));
    }
    BITNET_ASSIGN_OR_RETURN(tensor_count_, reader_.Read<uint64_t>("header: tensor count"));
    BITNET_ASSIGN_OR_RETURN(pair_count_, reader_.Read<uint64_t>("header: key-value count"));
    // The tensor count is checked against the bytes here too, so that an absurd file fails at once.
    BITNET_RETURN_IF_ERROR(
        CheckCount(reader_, tensor_count_, gguf_limits::kMaxTensors, kMinTensorBytes, "tensor count"));
    BITNET_RETURN_IF_ERROR(
        CheckCount(reader_, pair_count_, gguf_limits::kMaxKeyValues, kMinPairBytes, "key-value count"));
    file_.metadata_.reserve(pair_count_);
    file_.raw_values_.reserve(pair_count_);
    file_.key_index_.reserve(pair_count_);
    return absl::OkStatus();
  }

  absl::Status ReadPair(uint64_t index) {
    const size_t at = reader_.offset();
    absl::StatusOr<std::string_view> key = ReadGgufName(reader_, "key", gguf_limits::kMaxKeyBytes);
    if (!key.ok()) return Within(key.status(), absl::StrCat("metadata pair ", index, " of ", pair_count_));
    const size_t value_at = reader_.offset();
    absl::StatusOr<GgufValue> value = ReadGgufValue(reader_);
    if (!value.ok()) return Within(value.status(), absl::StrCat("metadata key ", QuoteOutsideText(*key)));
    if (!file_.key_index_.emplace(*key, index).second) {
      return absl::InvalidArgumentError(absl::StrCat("metadata key ", QuoteOutsideText(*key), " at offset ", at,
                                                     ": expected unique keys, got it a second time"));
    }
    file_.metadata_.emplace_back(*key, *std::move(value));
    file_.raw_values_.push_back(bytes_.subspan(value_at, reader_.offset() - value_at));
    return absl::OkStatus();
  }

  absl::Status ReadAlignment() {
    file_.alignment_ = gguf_limits::kDefaultAlignment;
    constexpr std::string_view kKey = "general.alignment";
    if (file_.Find(kKey) == nullptr) return absl::OkStatus();
    BITNET_ASSIGN_OR_RETURN(file_.alignment_, file_.GetU64(kKey));
    if (!std::has_single_bit(file_.alignment_) || file_.alignment_ < gguf_limits::kMinAlignment ||
        file_.alignment_ > gguf_limits::kMaxAlignment) {
      return absl::InvalidArgumentError(absl::StrCat("metadata key \"", kKey, "\": expected a power of two from ",
                                                     gguf_limits::kMinAlignment, " to ", gguf_limits::kMaxAlignment,
                                                     ", got ", file_.alignment_));
    }
    return absl::OkStatus();
  }

  absl::Status ReadTensor(uint64_t index) {
    const size_t at = reader_.offset();
    absl::StatusOr<std::string_view> name = ReadGgufName(reader_, "name", gguf_limits::kMaxNameBytes);
    if (!name.ok()) return Within(name.status(), absl::StrCat("tensor ", index, " of ", tensor_count_));
    GgufTensor tensor;
    tensor.name = *name;
    if (absl::Status status = ReadShape(tensor); !status.ok()) {
      return Within(status, absl::StrCat("tensor ", QuoteOutsideText(*name)));
    }
    if (!file_.tensor_index_.emplace(*name, index).second) {
      return absl::InvalidArgumentError(absl::StrCat("tensor ", QuoteOutsideText(*name), " at offset ", at,
                                                     ": expected unique names, got it a second time"));
    }
    file_.tensors_.push_back(std::move(tensor));
    return absl::OkStatus();
  }

  absl::Status ReadShape(GgufTensor& tensor) {
    const size_t at = reader_.offset();
    BITNET_ASSIGN_OR_RETURN(const uint32_t dim_count, reader_.Read<uint32_t>("dimension count"));
    if (dim_count < 1 || dim_count > gguf_limits::kMaxDims) {
      return absl::InvalidArgumentError(absl::StrCat("dimension count at offset ", at, ": expected 1 to ",
                                                     gguf_limits::kMaxDims, ", got ", dim_count));
    }
    // The product stays below 2^63, so that element counts fit int64_t in the kernels.
    uint64_t elements = 1;
    tensor.dims.reserve(dim_count);
    for (uint32_t i = 0; i < dim_count; ++i) {
      BITNET_ASSIGN_OR_RETURN(const uint64_t dim, reader_.Read<uint64_t>("dimension"));
      if (dim == 0 || __builtin_mul_overflow(elements, dim, &elements) ||
          elements > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
        return absl::InvalidArgumentError(absl::StrCat("dimension ", i, " at offset ", reader_.offset() - sizeof(dim),
                                                       ": expected at least 1 and fewer than 2^63 elements, got ",
                                                       dim));
      }
      tensor.dims.push_back(dim);
    }
    BITNET_ASSIGN_OR_RETURN(tensor.type_id, reader_.Read<uint32_t>("tensor type"));
    const size_t offset_at = reader_.offset();
    BITNET_ASSIGN_OR_RETURN(tensor.offset, reader_.Read<uint64_t>("data offset"));
    if (tensor.offset % file_.alignment_ != 0) {
      return absl::InvalidArgumentError(absl::StrCat("data offset at offset ", offset_at, ": expected a multiple of ",
                                                     file_.alignment_, ", got ", tensor.offset));
    }
    return absl::OkStatus();
  }

  // Cuts the tensor's bytes out of the file.
  absl::Status PlaceTensor(GgufTensor& tensor) {
    // Where there is no size rule at least one byte must be there.
    uint64_t size = 1;
    bool sized = false;
    if (const std::optional<TensorType> type = TensorTypeFromId(tensor.type_id)) {
      const absl::StatusOr<uint64_t> bytes = TensorSizeInBytes(*type, tensor.elements(), tensor.dims[0]);
      if (bytes.ok()) {
        size = *bytes;
        sized = true;
      } else if (!absl::IsUnimplemented(bytes.status())) {
        return Within(bytes.status(), absl::StrCat("tensor ", QuoteOutsideText(tensor.name)));
      }
    }
    const uint64_t data_bytes = bytes_.size() > file_.data_offset_ ? bytes_.size() - file_.data_offset_ : 0;
    if (tensor.offset > data_bytes || size > data_bytes - tensor.offset) {
      return absl::OutOfRangeError(absl::StrCat("tensor ", QuoteOutsideText(tensor.name), " (",
                                                TensorTypeName(tensor.type_id), "): ", sized ? "" : "at least ", size,
                                                " bytes at data offset ", tensor.offset,
                                                ", but the data section at file offset ", file_.data_offset_, " has ",
                                                data_bytes, " bytes; the file is truncated or its directory is wrong"));
    }
    if (sized) tensor.data = bytes_.subspan(file_.data_offset_ + tensor.offset, size);
    return absl::OkStatus();
  }

  // Sorted by offset, each tensor must end before the next begins. A tensor without a size rule counts as one byte.
  absl::Status CheckOverlap() const {
    std::vector<const GgufTensor*> order;
    order.reserve(file_.tensors_.size());
    for (const GgufTensor& tensor : file_.tensors_) order.push_back(&tensor);
    std::sort(order.begin(), order.end(),
              [](const GgufTensor* a, const GgufTensor* b) { return a->offset < b->offset; });
    for (size_t i = 1; i < order.size(); ++i) {
      const GgufTensor& before = *order[i - 1];
      const uint64_t end = before.offset + std::max<uint64_t>(before.data.size(), 1);
      if (order[i]->offset < end) {
        return absl::InvalidArgumentError(
            absl::StrCat("tensors ", QuoteOutsideText(before.name), " and ", QuoteOutsideText(order[i]->name),
                         " overlap: the first ends at data offset ", end, ", the second begins at ", order[i]->offset));
      }
    }
    return absl::OkStatus();
  }

  const std::span<const uint8_t> bytes_;
  ByteReader reader_;
  uint64_t tensor_count_ = 0;
  uint64_t pair_count_ = 0;
  GgufFile file_;
};

absl::StatusOr<GgufFile> GgufFile::Parse(std::span<const uint8_t> bytes) {
  return GgufParser(bytes).Parse(/*place_tensors=*/true);
}

absl::StatusOr<GgufFile> GgufFile::ParseDirectory(std::span<const uint8_t> bytes) {
  return GgufParser(bytes).Parse(/*place_tensors=*/false);
}

}  // namespace bitnet
