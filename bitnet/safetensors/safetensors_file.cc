#include "bitnet/safetensors/safetensors_file.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/byte_reader.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/json/json_document.h"
#include "bitnet/json/json_object.h"

namespace bitnet {
namespace {

struct DtypeRow {
  std::string_view name;
  SafetensorsDtype dtype;
  uint64_t size;
};
// In the order of the enumeration.
constexpr DtypeRow kDtypes[] = {
    {"BOOL", SafetensorsDtype::kBool, 1},      {"U8", SafetensorsDtype::kU8, 1},
    {"I8", SafetensorsDtype::kI8, 1},          {"F8_E5M2", SafetensorsDtype::kF8E5M2, 1},
    {"F8_E4M3", SafetensorsDtype::kF8E4M3, 1}, {"I16", SafetensorsDtype::kI16, 2},
    {"U16", SafetensorsDtype::kU16, 2},        {"F16", SafetensorsDtype::kF16, 2},
    {"BF16", SafetensorsDtype::kBf16, 2},      {"I32", SafetensorsDtype::kI32, 4},
    {"U32", SafetensorsDtype::kU32, 4},        {"F32", SafetensorsDtype::kF32, 4},
    {"I64", SafetensorsDtype::kI64, 8},        {"U64", SafetensorsDtype::kU64, 8},
    {"F64", SafetensorsDtype::kF64, 8},
};

constexpr std::string_view kMetadataKey = "__metadata__";
// Header, tensor, list of numbers; the rest is room for an error that says more than "too deep".
constexpr uint64_t kHeaderDepth = 8;

// False on overflow.
bool Multiply(uint64_t* product, uint64_t factor) { return !__builtin_mul_overflow(*product, factor, product); }

}  // namespace

std::string_view SafetensorsDtypeName(SafetensorsDtype dtype) { return kDtypes[static_cast<size_t>(dtype)].name; }
uint64_t SafetensorsDtypeSize(SafetensorsDtype dtype) { return kDtypes[static_cast<size_t>(dtype)].size; }

uint64_t SafetensorsTensor::elements() const {
  uint64_t product = 1;
  for (const uint64_t dim : shape) product *= dim;
  return product;
}

std::string SafetensorsTensor::Describe() const {
  return absl::StrCat(SafetensorsDtypeName(dtype), " [", absl::StrJoin(shape, ", "), "]");
}

const SafetensorsTensor* SafetensorsFile::Find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &tensors_[found->second];
}

class SafetensorsParser {
 public:
  SafetensorsParser(std::span<const uint8_t> bytes, std::string_view what) : reader_(bytes), what_(what) {}

  absl::StatusOr<SafetensorsFile> Parse() {
    BITNET_ASSIGN_OR_RETURN(const std::string_view header, ReadHeaderText());
    data_bytes_ = reader_.remaining();
    const JsonLimits limits = {.max_bytes = safetensors_limits::kMaxHeaderBytes, .max_depth = kHeaderDepth};
    BITNET_ASSIGN_OR_RETURN(const JsonDocument document,
                            JsonDocument::Parse(header, absl::StrCat(what_, ": header"), limits));
    BITNET_ASSIGN_OR_RETURN(const JsonObject root, JsonObject::FromRoot(document));
    if (root.members().size() > safetensors_limits::kMaxTensors) {
      return Bad("header", absl::StrCat("at most ", safetensors_limits::kMaxTensors, " tensors"),
                 absl::StrCat(root.members().size()));
    }
    for (const simdjson::dom::key_value_pair member : root.members()) {
      if (member.key == kMetadataKey) {
        BITNET_RETURN_IF_ERROR(CheckMetadata(root));
      } else {
        BITNET_RETURN_IF_ERROR(ReadTensor(member.key, member.value));
      }
    }
    BITNET_RETURN_IF_ERROR(PlaceTensors());
    return std::move(file_);
  }

 private:
  struct Range {
    uint64_t begin, end;
  };

  absl::Status Bad(std::string_view where, std::string_view expected, std::string_view got) const {
    return absl::InvalidArgumentError(absl::StrCat(what_, ": ", where, ": expected ", expected, ", got ", got));
  }
  std::string Where(std::string_view name) const { return absl::StrCat("tensor ", QuotedText(name)); }

  absl::StatusOr<std::string_view> ReadHeaderText() {
    const auto cut_off = [&](const absl::Status& status) {
      return absl::OutOfRangeError(absl::StrCat(what_, ": ", status.message()));
    };
    const absl::StatusOr<uint64_t> length = reader_.Read<uint64_t>("header length");
    if (!length.ok()) return cut_off(length.status());
    if (*length > safetensors_limits::kMaxHeaderBytes) {
      return Bad("header length", absl::StrCat("at most ", safetensors_limits::kMaxHeaderBytes), absl::StrCat(*length));
    }
    const auto bytes = reader_.ReadBytes(*length, "header");
    if (!bytes.ok()) return cut_off(bytes.status());
    return std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }

  // Each member's own value: to ask for it by name would search all members for each.
  absl::Status CheckMetadata(const JsonObject& root) const {
    BITNET_ASSIGN_OR_RETURN(const JsonObject metadata, root.Object(kMetadataKey));
    if (metadata.members().size() > safetensors_limits::kMaxMetadata) {
      return Bad("header: __metadata__", absl::StrCat("at most ", safetensors_limits::kMaxMetadata, " members"),
                 absl::StrCat(metadata.members().size()));
    }
    for (const simdjson::dom::key_value_pair member : metadata.members()) {
      if (member.value.is_string()) continue;
      return absl::InvalidArgumentError(absl::StrCat(metadata.Name(absl::CHexEscape(member.key.substr(0, 64))),
                                                     ": expected a text, got ", DescribeJson(member.value)));
    }
    return absl::OkStatus();
  }

  absl::Status ReadTensor(std::string_view name, simdjson::dom::element element) {
    if (name.empty() || name.size() > safetensors_limits::kMaxNameBytes) {
      return Bad(Where(name), absl::StrCat("a name of 1 to ", safetensors_limits::kMaxNameBytes, " bytes"),
                 absl::StrCat(name.size()));
    }
    BITNET_ASSIGN_OR_RETURN(const JsonObject object,
                            JsonObject::From(element, absl::StrCat(what_, ": ", Where(name), ": ")));
    for (const simdjson::dom::key_value_pair member : object.members()) {
      if (member.key != "dtype" && member.key != "shape" && member.key != "data_offsets") {
        return Bad(Where(name), "the members dtype, shape and data_offsets", QuotedText(member.key));
      }
    }
    SafetensorsTensor tensor;
    tensor.name = name;
    BITNET_ASSIGN_OR_RETURN(tensor.dtype, ReadDtype(object));
    BITNET_ASSIGN_OR_RETURN(const simdjson::dom::array shape, object.Array("shape"));
    for (const simdjson::dom::element dim : shape) {
      uint64_t size = 0;
      if (dim.get(size) != simdjson::SUCCESS) {
        return Bad(object.Name("shape").substr(what_.size() + 2), "integers, 0 or more", DescribeJson(dim));
      }
      if (tensor.shape.size() == safetensors_limits::kMaxDims) {
        return Bad(Where(name), absl::StrCat("a shape of at most ", safetensors_limits::kMaxDims, " dimensions"),
                   "more");
      }
      tensor.shape.push_back(size);
    }
    BITNET_ASSIGN_OR_RETURN(const Range range, ReadOffsets(object, tensor));
    file_.tensors_.push_back(std::move(tensor));
    ranges_.push_back(range);
    return absl::OkStatus();
  }

  absl::StatusOr<SafetensorsDtype> ReadDtype(const JsonObject& object) const {
    BITNET_ASSIGN_OR_RETURN(const std::string_view name, object.String("dtype"));
    std::vector<std::string_view> names;
    for (const DtypeRow& row : kDtypes) {
      if (row.name == name) return row.dtype;
      names.push_back(row.name);
    }
    return absl::UnimplementedError(absl::StrCat(object.Name("dtype"), ": expected one of ", absl::StrJoin(names, ", "),
                                                 ", got ", QuotedText(name)));
  }

  // Inside the data, and of the size that dtype and shape say.
  absl::StatusOr<Range> ReadOffsets(const JsonObject& object, const SafetensorsTensor& tensor) const {
    BITNET_ASSIGN_OR_RETURN(const simdjson::dom::array offsets, object.Array("data_offsets"));
    Range range = {};
    if (offsets.size() != 2 || offsets.at(0).get(range.begin) != simdjson::SUCCESS ||
        offsets.at(1).get(range.end) != simdjson::SUCCESS) {
      return Bad(absl::StrCat(Where(tensor.name), ": data_offsets"), "[begin, end], two integers, 0 or more",
                 "something else");
    }
    const std::string got = absl::StrCat("[", range.begin, ", ", range.end, "]");
    if (range.begin > range.end) return Bad(absl::StrCat(Where(tensor.name), ": data_offsets"), "begin <= end", got);
    uint64_t size = SafetensorsDtypeSize(tensor.dtype);
    // A zero anywhere makes the size zero, but must not hide a product that overflows: readers multiply in any order.
    uint64_t magnitude = size;
    for (const uint64_t dim : tensor.shape) {
      if (!Multiply(&magnitude, std::max<uint64_t>(dim, 1))) {
        return Bad(absl::StrCat(Where(tensor.name), ": shape"), "fewer than 2^64 bytes", tensor.Describe());
      }
      size *= dim;
    }
    if (range.end - range.begin != size) {
      return Bad(absl::StrCat(Where(tensor.name), ": data_offsets"),
                 absl::StrCat(size, " bytes for ", tensor.Describe()),
                 absl::StrCat(range.end - range.begin, ", ", got));
    }
    if (range.end > data_bytes_) {
      return absl::OutOfRangeError(absl::StrCat(what_, ": ", Where(tensor.name), ": data_offsets: expected at most ",
                                                data_bytes_, " (the bytes after the header), got ", got));
    }
    return range;
  }

  // Sorts by place; the ranges must fill the data.
  absl::Status PlaceTensors() {
    std::vector<size_t> order(ranges_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return std::tie(ranges_[a].begin, ranges_[a].end, a) < std::tie(ranges_[b].begin, ranges_[b].end, b);
    });
    const std::span<const uint8_t> data = *reader_.ReadBytes(data_bytes_, "data");
    std::vector<SafetensorsTensor> sorted;
    sorted.reserve(order.size());
    uint64_t end = 0;
    for (const size_t i : order) {
      const Range range = ranges_[i];
      if (range.begin != end) {
        const std::string_view kind = range.begin < end ? "overlaps the tensor before it" : "leaves a gap before it";
        return Bad(absl::StrCat(Where(file_.tensors_[i].name), ": data_offsets"), absl::StrCat("to begin at ", end),
                   absl::StrCat(range.begin, ", which ", kind));
      }
      end = range.end;
      file_.index_.emplace(file_.tensors_[i].name, sorted.size());
      sorted.push_back(std::move(file_.tensors_[i]));
      sorted.back().data = data.subspan(range.begin, range.end - range.begin);
    }
    if (end != data_bytes_) {
      return Bad("data", absl::StrCat(end, " bytes after the header, where the last tensor ends"),
                 absl::StrCat(data_bytes_));
    }
    file_.tensors_ = std::move(sorted);
    return absl::OkStatus();
  }

  ByteReader reader_;
  std::string_view what_;
  uint64_t data_bytes_ = 0;
  SafetensorsFile file_;
  std::vector<Range> ranges_;  // of file_.tensors_
};

absl::StatusOr<SafetensorsFile> SafetensorsFile::Parse(std::span<const uint8_t> bytes, std::string_view what) {
  return SafetensorsParser(bytes, what).Parse();
}

}  // namespace bitnet
