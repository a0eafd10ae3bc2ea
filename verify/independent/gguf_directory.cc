#include "verify/independent/gguf_directory.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/byte_reader.h"
#include "bitnet/base/status_macros.h"

namespace bitnet::verify::independent {

// Values as GGUF encodes them.
class DirectoryReader {
 public:
  explicit DirectoryReader(std::span<const uint8_t> bytes) : reader_(bytes) {}

  size_t offset() const { return reader_.offset(); }
  size_t remaining() const { return reader_.remaining(); }

  absl::StatusOr<uint32_t> U32(std::string_view what) { return reader_.Read<uint32_t>(what); }
  absl::StatusOr<uint64_t> U64(std::string_view what) { return reader_.Read<uint64_t>(what); }

  absl::StatusOr<std::string_view> String(std::string_view what) {
    BITNET_ASSIGN_OR_RETURN(const uint64_t length, U64(what));
    BITNET_ASSIGN_OR_RETURN(const std::span<const uint8_t> bytes, reader_.ReadBytes(length, what));
    return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }

  // `size` bytes as a number.
  absl::StatusOr<uint64_t> Bits(size_t size, std::string_view what) {
    BITNET_ASSIGN_OR_RETURN(const std::span<const uint8_t> bytes, reader_.ReadBytes(size, what));
    uint64_t bits = 0;
    std::memcpy(&bits, bytes.data(), size);
    return bits;
  }

  absl::StatusOr<std::span<const uint8_t>> Bytes(uint64_t size, std::string_view what) {
    return reader_.ReadBytes(size, what);
  }

 private:
  ByteReader reader_;
};

namespace {

constexpr uint64_t kDefaultAlignment = 32;
constexpr uint64_t kMaxAlignment = 1 << 20;
constexpr size_t kMaxKeyBytes = 65535;  // of the format
constexpr size_t kMaxNameBytes = 64;    // of the format
constexpr uint32_t kMaxDims = 4;
// The least that one of each takes: key length, type, one byte; name length, count, one dimension, type, offset.
constexpr uint64_t kLeastPairBytes = 8 + 4 + 1;
constexpr uint64_t kLeastTensorBytes = 8 + 4 + 8 + 4 + 8;
constexpr uint64_t kI2STailBytes = 32;

// 0: not a type of numbers.
size_t SizeOf(ValueType type) {
  switch (type) {
    case ValueType::kU8:
    case ValueType::kI8:
    case ValueType::kBool:
      return 1;
    case ValueType::kU16:
    case ValueType::kI16:
      return 2;
    case ValueType::kU32:
    case ValueType::kI32:
    case ValueType::kF32:
      return 4;
    case ValueType::kU64:
    case ValueType::kI64:
    case ValueType::kF64:
      return 8;
    default:
      return 0;
  }
}

bool IsSigned(ValueType type) {
  return type == ValueType::kI8 || type == ValueType::kI16 || type == ValueType::kI32 || type == ValueType::kI64;
}

uint32_t NumberOf(ValueType type) { return static_cast<uint32_t>(type); }

std::string Quoted(std::string_view text) { return absl::StrCat("\"", absl::CHexEscape(text.substr(0, 80)), "\""); }

absl::Status Invalid(std::string_view where, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(where, ": ", what));
}

absl::Status SkipArray(DirectoryReader& reader, std::string_view key) {
  BITNET_ASSIGN_OR_RETURN(const uint32_t type, reader.U32("element type"));
  BITNET_ASSIGN_OR_RETURN(const uint64_t count, reader.U64("element count"));
  if (type == static_cast<uint32_t>(ValueType::kString)) {
    for (uint64_t i = 0; i < count; ++i) BITNET_RETURN_IF_ERROR(reader.String("string of an array").status());
    return absl::OkStatus();
  }
  const size_t size = SizeOf(static_cast<ValueType>(type));
  if (size == 0)
    return Invalid(Quoted(key), absl::StrCat("array of elements of type ", type, ", expected 0-8 or 10-12"));
  if (count > reader.remaining() / size) {
    return absl::OutOfRangeError(absl::StrCat(Quoted(key), ": array of ", count, " elements of ", size,
                                              " bytes at offset ", reader.offset(), ", ", reader.remaining(), " left"));
  }
  BITNET_ASSIGN_OR_RETURN(const std::span<const uint8_t> items, reader.Bytes(count * size, "array"));
  if (type == static_cast<uint32_t>(ValueType::kBool) &&
      std::any_of(items.begin(), items.end(), [](uint8_t item) { return item > 1; })) {
    return Invalid(Quoted(key), "array of bools, expected each 0 or 1");
  }
  return absl::OkStatus();
}

absl::StatusOr<MetadataValue> ReadValue(DirectoryReader& reader, std::string_view key) {
  BITNET_ASSIGN_OR_RETURN(const uint32_t type, reader.U32("value type"));
  MetadataValue value{.type = static_cast<ValueType>(type), .bits = 0, .text = {}};
  if (value.type == ValueType::kString) {
    BITNET_ASSIGN_OR_RETURN(value.text, reader.String("string value"));
  } else if (value.type == ValueType::kArray) {
    BITNET_RETURN_IF_ERROR(SkipArray(reader, key));
  } else if (const size_t size = SizeOf(value.type); size != 0) {
    BITNET_ASSIGN_OR_RETURN(value.bits, reader.Bits(size, "value"));
    if (value.type == ValueType::kBool && value.bits > 1) {
      return Invalid(Quoted(key), absl::StrCat("bool, expected 0 or 1, got ", value.bits));
    }
  } else {
    return Invalid(Quoted(key), absl::StrCat("value type, expected 0-12, got ", type));
  }
  return value;
}

absl::StatusOr<TensorInfo> ReadTensor(DirectoryReader& reader) {
  TensorInfo tensor;
  BITNET_ASSIGN_OR_RETURN(tensor.name, reader.String("tensor name"));
  if (tensor.name.empty() || tensor.name.size() > kMaxNameBytes) {
    return Invalid("tensor name", absl::StrCat("expected 1 to ", kMaxNameBytes, " bytes, got ", tensor.name.size()));
  }
  const std::string where = absl::StrCat("tensor ", Quoted(tensor.name));
  BITNET_ASSIGN_OR_RETURN(const uint32_t count, reader.U32("number of dimensions"));
  if (count < 1 || count > kMaxDims) return Invalid(where, absl::StrCat("expected 1 to 4 dimensions, got ", count));
  uint64_t elements = 1;
  for (uint32_t i = 0; i < count; ++i) {
    BITNET_ASSIGN_OR_RETURN(const uint64_t dim, reader.U64("dimension"));
    // 2^40 elements are more than any file has bytes, and far from wrapping.
    if (dim == 0 || dim > (uint64_t{1} << 40) / elements) {
      return Invalid(where,
                     absl::StrCat("dimension ", i, " is ", dim, ", expected 1 or more and at most 2^40 elements"));
    }
    elements *= dim;
    tensor.dims.push_back(dim);
  }
  BITNET_ASSIGN_OR_RETURN(tensor.type, reader.U32("tensor type"));
  BITNET_ASSIGN_OR_RETURN(tensor.offset, reader.U64("tensor offset"));
  return tensor;
}

// Empty for a type that is not read.
std::optional<uint64_t> BytesOf(const TensorInfo& tensor) {
  uint64_t elements = 1;
  for (const uint64_t dim : tensor.dims) elements *= dim;
  if (tensor.type == kTypeF32) return elements * 4;
  if (tensor.type == kTypeF16) return elements * 2;
  if (tensor.type == kTypeI2S) return elements / 4 + kI2STailBytes;
  return std::nullopt;
}

}  // namespace

std::string TensorTypeName(uint32_t type) {
  static constexpr std::pair<uint32_t, std::string_view> kNames[] = {
      {kTypeF32, "F32"}, {kTypeF16, "F16"}, {30, "BF16"}, {34, "TQ1_0"}, {35, "TQ2_0"}, {kTypeI2S, "I2_S"},
      {37, "I8_S"},      {38, "TL1"},       {39, "TL2"},  {41, "Q1_0"},  {42, "Q2_0"}};
  for (const auto& [number, name] : kNames) {
    if (number == type) return std::string(name);
  }
  return absl::StrCat("type ", type);
}

absl::Status GgufDirectory::ReadPairs(DirectoryReader& reader, uint64_t count) {
  if (count > reader.remaining() / kLeastPairBytes) {
    return absl::OutOfRangeError(
        absl::StrCat(count, " key-value pairs of at least ", kLeastPairBytes, " bytes, ", reader.remaining(), " left"));
  }
  for (uint64_t i = 0; i < count; ++i) {
    BITNET_ASSIGN_OR_RETURN(const std::string_view key, reader.String("key"));
    if (key.empty() || key.size() > kMaxKeyBytes) {
      return Invalid("key", absl::StrCat("expected 1 to ", kMaxKeyBytes, " bytes, got ", key.size()));
    }
    BITNET_ASSIGN_OR_RETURN(const MetadataValue value, ReadValue(reader, key));
    if (!metadata_.emplace(key, value).second) return Invalid(Quoted(key), "the key occurs twice");
  }
  return absl::OkStatus();
}

absl::Status GgufDirectory::ReadTensors(DirectoryReader& reader, uint64_t count, uint64_t alignment) {
  if (count > reader.remaining() / kLeastTensorBytes) {
    return absl::OutOfRangeError(
        absl::StrCat(count, " tensors of at least ", kLeastTensorBytes, " bytes, ", reader.remaining(), " left"));
  }
  for (uint64_t i = 0; i < count; ++i) {
    BITNET_ASSIGN_OR_RETURN(TensorInfo tensor, ReadTensor(reader));
    if (tensor.offset % alignment != 0) {
      return Invalid(absl::StrCat("tensor ", Quoted(tensor.name)),
                     absl::StrCat("offset ", tensor.offset, ", expected a multiple of ", alignment));
    }
    if (!index_.emplace(tensor.name, tensors_.size()).second) {
      return Invalid(absl::StrCat("tensor ", Quoted(tensor.name)), "the name occurs twice");
    }
    tensors_.push_back(std::move(tensor));
  }
  return absl::OkStatus();
}

// Every tensor begins inside the data, those of known size end there, and none reaches into the next.
absl::Status GgufDirectory::CheckPlaces() const {
  std::vector<const TensorInfo*> order;
  for (const TensorInfo& tensor : tensors_) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->offset < b->offset; });
  for (size_t i = 0; i < order.size(); ++i) {
    const TensorInfo& tensor = *order[i];
    const bool last = i + 1 == order.size();
    const uint64_t limit = last ? data_.size() : std::min<uint64_t>(order[i + 1]->offset, data_.size());
    const uint64_t size = BytesOf(tensor).value_or(1);
    if (tensor.offset <= limit && size <= limit - tensor.offset) continue;
    return absl::OutOfRangeError(
        absl::StrCat("tensor ", Quoted(tensor.name), ": ", size, " bytes at ", tensor.offset,
                     " of the tensor data, expected to end by ", limit,
                     last ? ", its end" : absl::StrCat(", where ", Quoted(order[i + 1]->name), " begins")));
  }
  return absl::OkStatus();
}

absl::StatusOr<GgufDirectory> GgufDirectory::Read(std::span<const uint8_t> bytes) {
  DirectoryReader reader(bytes);
  BITNET_ASSIGN_OR_RETURN(const std::span<const uint8_t> magic, reader.Bytes(4, "magic"));
  if (std::memcmp(magic.data(), "GGUF", 4) != 0)
    return Invalid("magic", "not a GGUF file: it does not begin with GGUF");
  BITNET_ASSIGN_OR_RETURN(const uint32_t version, reader.U32("version"));
  if (version != 2 && version != 3) return Invalid("version", absl::StrCat("expected 2 or 3, got ", version));
  BITNET_ASSIGN_OR_RETURN(const uint64_t tensors, reader.U64("number of tensors"));
  BITNET_ASSIGN_OR_RETURN(const uint64_t pairs, reader.U64("number of pairs"));

  GgufDirectory directory;
  BITNET_RETURN_IF_ERROR(directory.ReadPairs(reader, pairs));
  uint64_t alignment = kDefaultAlignment;
  if (const auto found = directory.metadata_.find("general.alignment"); found != directory.metadata_.end()) {
    alignment = found->second.bits;
    if (found->second.type != ValueType::kU32 || alignment > kMaxAlignment || !std::has_single_bit(alignment) ||
        alignment < 8) {
      return Invalid("general.alignment",
                     absl::StrCat("expected a u32, a power of two from 8 to 2^20, got ", alignment));
    }
  }
  BITNET_RETURN_IF_ERROR(directory.ReadTensors(reader, tensors, alignment));
  if (directory.tensors_.empty()) return directory;
  const uint64_t begin = (reader.offset() + alignment - 1) / alignment * alignment;
  if (begin > bytes.size()) {
    return absl::OutOfRangeError(
        absl::StrCat("tensor data begins at ", begin, ", the file has ", bytes.size(), " bytes"));
  }
  directory.data_ = bytes.subspan(begin);
  BITNET_RETURN_IF_ERROR(directory.CheckPlaces());
  return directory;
}

absl::StatusOr<uint64_t> GgufDirectory::Unsigned(std::string_view key) const {
  const auto found = metadata_.find(key);
  if (found == metadata_.end()) return absl::NotFoundError(absl::StrCat("the file has no key ", Quoted(key)));
  const MetadataValue& value = found->second;
  const size_t size = SizeOf(value.type);
  const bool integer =
      size != 0 && value.type != ValueType::kBool && value.type != ValueType::kF32 && value.type != ValueType::kF64;
  if (!integer) return Invalid(Quoted(key), absl::StrCat("expected an integer, got value type ", NumberOf(value.type)));
  if (IsSigned(value.type) && (value.bits >> (8 * size - 1)) != 0) {
    return Invalid(Quoted(key), "expected 0 or more, got a negative number");
  }
  return value.bits;
}

absl::StatusOr<float> GgufDirectory::Float(std::string_view key) const {
  const auto found = metadata_.find(key);
  if (found == metadata_.end()) return absl::NotFoundError(absl::StrCat("the file has no key ", Quoted(key)));
  if (found->second.type != ValueType::kF32) {
    return Invalid(Quoted(key), absl::StrCat("expected an f32, got value type ", NumberOf(found->second.type)));
  }
  return std::bit_cast<float>(static_cast<uint32_t>(found->second.bits));
}

absl::StatusOr<std::string_view> GgufDirectory::Text(std::string_view key) const {
  const auto found = metadata_.find(key);
  if (found == metadata_.end()) return absl::NotFoundError(absl::StrCat("the file has no key ", Quoted(key)));
  if (found->second.type != ValueType::kString) {
    return Invalid(Quoted(key), absl::StrCat("expected a string, got value type ", NumberOf(found->second.type)));
  }
  return found->second.text;
}

const TensorInfo* GgufDirectory::Find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &tensors_[found->second];
}

absl::StatusOr<std::span<const uint8_t>> GgufDirectory::Data(const TensorInfo& tensor) const {
  const std::optional<uint64_t> size = BytesOf(tensor);
  if (!size) {
    return absl::UnimplementedError(absl::StrCat("tensor ", Quoted(tensor.name), ": ", TensorTypeName(tensor.type),
                                                 "; the independent path reads F32, F16 and I2_S"));
  }
  return data_.subspan(tensor.offset, *size);
}

}  // namespace bitnet::verify::independent
