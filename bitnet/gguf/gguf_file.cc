#include "bitnet/gguf/gguf_file.h"

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace bitnet {
namespace {

absl::Status WrongType(std::string_view key, std::string_view expected, std::string_view actual) {
  return absl::InvalidArgumentError(absl::StrCat("metadata key \"", key, "\": expected ", expected, ", got ", actual));
}

std::string Describe(const GgufValue& value) {
  if (const GgufArray* array = std::get_if<GgufArray>(&value.data)) {
    return absl::StrCat("array of ", array->count, " ", GgufTypeName(array->element_type));
  }
  return std::string(GgufTypeName(value.type));
}

absl::Status Absent(std::string_view key) {
  return absl::NotFoundError(absl::StrCat("metadata key \"", key, "\" is missing from the file"));
}

}  // namespace

std::string_view GgufTypeName(GgufType type) {
  switch (type) {
    case GgufType::kU8:
      return "u8";
    case GgufType::kI8:
      return "i8";
    case GgufType::kU16:
      return "u16";
    case GgufType::kI16:
      return "i16";
    case GgufType::kU32:
      return "u32";
    case GgufType::kI32:
      return "i32";
    case GgufType::kF32:
      return "f32";
    case GgufType::kBool:
      return "bool";
    case GgufType::kString:
      return "string";
    case GgufType::kArray:
      return "array";
    case GgufType::kU64:
      return "u64";
    case GgufType::kI64:
      return "i64";
    case GgufType::kF64:
      return "f64";
  }
  return "unknown";
}

uint64_t GgufTensor::elements() const {
  uint64_t product = 1;
  for (uint64_t dim : dims) product *= dim;
  return product;
}

const GgufValue* GgufFile::Find(std::string_view key) const {
  const auto it = key_index_.find(key);
  return it == key_index_.end() ? nullptr : &metadata_[it->second].second;
}

const GgufTensor* GgufFile::FindTensor(std::string_view name) const {
  const auto it = tensor_index_.find(name);
  return it == tensor_index_.end() ? nullptr : &tensors_[it->second];
}

absl::StatusOr<uint64_t> GgufFile::GetU64(std::string_view key) const {
  const GgufValue* value = Find(key);
  if (value == nullptr) return Absent(key);
  if (const uint64_t* number = std::get_if<uint64_t>(&value->data)) return *number;
  if (const int64_t* number = std::get_if<int64_t>(&value->data)) {
    if (*number >= 0) return static_cast<uint64_t>(*number);
    return WrongType(key, "an integer >= 0", absl::StrCat(*number));
  }
  return WrongType(key, "an integer", Describe(*value));
}

absl::StatusOr<float> GgufFile::GetF32(std::string_view key) const {
  const GgufValue* value = Find(key);
  if (value == nullptr) return Absent(key);
  if (const uint64_t* number = std::get_if<uint64_t>(&value->data)) return static_cast<float>(*number);
  if (const int64_t* number = std::get_if<int64_t>(&value->data)) return static_cast<float>(*number);
  if (const double* number = std::get_if<double>(&value->data)) {
    if (std::isfinite(*number) && std::abs(*number) > std::numeric_limits<float>::max()) {
      return WrongType(key, "a number in the range of f32", absl::StrCat(*number));
    }
    return static_cast<float>(*number);
  }
  return WrongType(key, "a number", Describe(*value));
}

absl::StatusOr<bool> GgufFile::GetBool(std::string_view key) const {
  const GgufValue* value = Find(key);
  if (value == nullptr) return Absent(key);
  if (const bool* boolean = std::get_if<bool>(&value->data)) return *boolean;
  return WrongType(key, "bool", Describe(*value));
}

absl::StatusOr<std::string_view> GgufFile::GetString(std::string_view key) const {
  const GgufValue* value = Find(key);
  if (value == nullptr) return Absent(key);
  if (const std::string_view* text = std::get_if<std::string_view>(&value->data)) return *text;
  return WrongType(key, "string", Describe(*value));
}

absl::StatusOr<const GgufArray*> GgufFile::GetArray(std::string_view key, GgufType element_type) const {
  const GgufValue* value = Find(key);
  if (value == nullptr) return Absent(key);
  const GgufArray* array = std::get_if<GgufArray>(&value->data);
  if (array != nullptr && array->element_type == element_type) return array;
  return WrongType(key, absl::StrCat("array of ", GgufTypeName(element_type)), Describe(*value));
}

}  // namespace bitnet
