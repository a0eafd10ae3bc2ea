#include "bitnet/gguf/gguf_fields.h"

#include <span>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"

namespace bitnet {
namespace {

// The smallest encoding of a string: its u64 length.
constexpr uint64_t kMinStringBytes = 8;

// Bytes of one array element or scalar; 0 for strings, arrays and unknown numbers.
uint64_t FixedSize(GgufType type) {
  switch (type) {
    case GgufType::kU8:
    case GgufType::kI8:
    case GgufType::kBool:
      return 1;
    case GgufType::kU16:
    case GgufType::kI16:
      return 2;
    case GgufType::kU32:
    case GgufType::kI32:
    case GgufType::kF32:
      return 4;
    case GgufType::kU64:
    case GgufType::kI64:
    case GgufType::kF64:
      return 8;
    case GgufType::kString:
    case GgufType::kArray:
      break;
  }
  return 0;
}

absl::StatusOr<GgufType> ReadType(ByteReader& reader, std::string_view what) {
  const size_t at = reader.offset();
  BITNET_ASSIGN_OR_RETURN(const uint32_t id, reader.Read<uint32_t>(what));
  if (id > static_cast<uint32_t>(GgufType::kF64)) {
    return absl::InvalidArgumentError(absl::StrCat(what, " at offset ", at, ": expected 0 to 12, got ", id));
  }
  return static_cast<GgufType>(id);
}

absl::StatusOr<std::string_view> ReadString(ByteReader& reader, std::string_view what) {
  BITNET_ASSIGN_OR_RETURN(const uint64_t length, reader.Read<uint64_t>(what));
  BITNET_ASSIGN_OR_RETURN(const std::span<const uint8_t> bytes, reader.ReadBytes(length, what));
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

absl::Status CheckBool(uint8_t value, size_t at) {
  if (value <= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("bool at offset ", at, ": expected 0 or 1, got ", value));
}

template <typename Stored, typename Widened>
absl::Status ReadNumber(ByteReader& reader, GgufValue& value) {
  BITNET_ASSIGN_OR_RETURN(const Stored number, reader.Read<Stored>("value"));
  value.data = static_cast<Widened>(number);
  return absl::OkStatus();
}

absl::StatusOr<GgufArray> ReadArray(ByteReader& reader) {
  GgufArray array;
  BITNET_ASSIGN_OR_RETURN(array.element_type, ReadType(reader, "array element type"));
  const size_t at = reader.offset();
  BITNET_ASSIGN_OR_RETURN(array.count, reader.Read<uint64_t>("array count"));
  if (array.element_type == GgufType::kArray) {
    return absl::UnimplementedError(absl::StrCat("array of arrays at offset ", at, ": nested arrays are not read"));
  }
  const bool strings = array.element_type == GgufType::kString;
  const uint64_t item_bytes = strings ? kMinStringBytes : FixedSize(array.element_type);
  if (array.count > reader.remaining() / item_bytes) {
    return absl::OutOfRangeError(absl::StrCat("array count at offset ", at, ": ", array.count, " items of at least ",
                                              item_bytes, " bytes, ", reader.remaining(), " bytes left"));
  }
  if (strings) {
    array.strings.reserve(array.count);
    for (uint64_t i = 0; i < array.count; ++i) {
      absl::StatusOr<std::string_view> text = ReadString(reader, "string");
      if (!text.ok()) return Within(text.status(), absl::StrCat("array item ", i, " of ", array.count));
      array.strings.push_back(*text);
    }
    return array;
  }
  const size_t start = reader.offset();
  BITNET_ASSIGN_OR_RETURN(array.raw, reader.ReadBytes(array.count * item_bytes, "array items"));
  if (array.element_type == GgufType::kBool) {
    for (size_t i = 0; i < array.raw.size(); ++i) BITNET_RETURN_IF_ERROR(CheckBool(array.raw[i], start + i));
  }
  return array;
}

}  // namespace

std::string QuoteOutsideText(std::string_view text) {
  constexpr size_t kShown = 80;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kShown)), text.size() > kShown ? "...\"" : "\"");
}

absl::Status Within(const absl::Status& status, std::string_view place) {
  return absl::Status(status.code(), absl::StrCat(place, ": ", status.message()));
}

absl::StatusOr<std::string_view> ReadGgufName(ByteReader& reader, std::string_view what, uint64_t limit) {
  const size_t at = reader.offset();
  BITNET_ASSIGN_OR_RETURN(const std::string_view name, ReadString(reader, what));
  if (name.empty() || name.size() > limit) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " at offset ", at, ": expected 1 to ", limit, " bytes, got ", name.size()));
  }
  return name;
}

absl::StatusOr<GgufValue> ReadGgufValue(ByteReader& reader) {
  GgufValue value;
  BITNET_ASSIGN_OR_RETURN(value.type, ReadType(reader, "value type"));
  absl::Status status;
  switch (value.type) {
    case GgufType::kU8:
      status = ReadNumber<uint8_t, uint64_t>(reader, value);
      break;
    case GgufType::kI8:
      status = ReadNumber<int8_t, int64_t>(reader, value);
      break;
    case GgufType::kU16:
      status = ReadNumber<uint16_t, uint64_t>(reader, value);
      break;
    case GgufType::kI16:
      status = ReadNumber<int16_t, int64_t>(reader, value);
      break;
    case GgufType::kU32:
      status = ReadNumber<uint32_t, uint64_t>(reader, value);
      break;
    case GgufType::kI32:
      status = ReadNumber<int32_t, int64_t>(reader, value);
      break;
    case GgufType::kF32:
      status = ReadNumber<float, double>(reader, value);
      break;
    case GgufType::kU64:
      status = ReadNumber<uint64_t, uint64_t>(reader, value);
      break;
    case GgufType::kI64:
      status = ReadNumber<int64_t, int64_t>(reader, value);
      break;
    case GgufType::kF64:
      status = ReadNumber<double, double>(reader, value);
      break;
    case GgufType::kBool: {
      const size_t at = reader.offset();
      BITNET_ASSIGN_OR_RETURN(const uint8_t byte, reader.Read<uint8_t>("value"));
      BITNET_RETURN_IF_ERROR(CheckBool(byte, at));
      value.data = byte != 0;
      break;
    }
    case GgufType::kString: {
      BITNET_ASSIGN_OR_RETURN(value.data, ReadString(reader, "string value"));
      break;
    }
    case GgufType::kArray: {
      BITNET_ASSIGN_OR_RETURN(value.data, ReadArray(reader));
      break;
    }
  }
  if (!status.ok()) return status;
  return value;
}

}  // namespace bitnet
