#include "bitnet/gguf/gguf_editor.h"

#include <algorithm>
#include <variant>

#include "absl/log/check.h"
#include "absl/log/log.h"
#include "absl/status/statusor.h"

namespace bitnet {
namespace {

constexpr size_t kAlignment = gguf_limits::kDefaultAlignment;

template <typename T>
void Put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void PutString(std::string& out, std::string_view text) {
  Put(out, uint64_t{text.size()});
  out.append(text);
}

std::string TypeNumber(GgufType type) {
  std::string out;
  Put(out, static_cast<uint32_t>(type));
  return out;
}

template <typename T>
std::string Scalar(GgufType type, T value) {
  std::string out = TypeNumber(type);
  Put(out, value);
  return out;
}

std::string Text(std::string_view text) {
  std::string out = TypeNumber(GgufType::kString);
  PutString(out, text);
  return out;
}

std::string ArrayHead(GgufType element, uint64_t count) {
  std::string out = TypeNumber(GgufType::kArray) + TypeNumber(element);
  Put(out, count);
  return out;
}

std::string Encode(const GgufArray& array) {
  std::string out = ArrayHead(array.element_type, array.count);
  for (std::string_view text : array.strings) PutString(out, text);
  return out.append(reinterpret_cast<const char*>(array.raw.data()), array.raw.size());
}

// Of the types that models have in practice.
std::string Encode(const GgufValue& value) {
  switch (value.type) {
    case GgufType::kU32:
      return Scalar(value.type, static_cast<uint32_t>(std::get<uint64_t>(value.data)));
    case GgufType::kI32:
      return Scalar(value.type, static_cast<int32_t>(std::get<int64_t>(value.data)));
    case GgufType::kF32:
      return Scalar(value.type, static_cast<float>(std::get<double>(value.data)));
    case GgufType::kBool:
      return Scalar(value.type, static_cast<uint8_t>(std::get<bool>(value.data)));
    case GgufType::kString:
      return Text(std::get<std::string_view>(value.data));
    case GgufType::kArray:
      return Encode(std::get<GgufArray>(value.data));
    default:
      LOG(FATAL) << "a value of type " << GgufTypeName(value.type) << " cannot be edited";
  }
}

size_t Aligned(size_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

GgufEditor::GgufEditor(std::span<const uint8_t> file) {
  const absl::StatusOr<GgufFile> parsed = GgufFile::Parse(file);
  CHECK(parsed.ok()) << parsed.status();
  for (const auto& [key, value] : parsed->metadata()) pairs_.push_back({std::string(key), Encode(value)});
  for (const GgufTensor& tensor : parsed->tensors()) {
    tensors_.push_back(
        {std::string(tensor.name), tensor.dims, tensor.type_id, {tensor.data.begin(), tensor.data.end()}});
  }
}

void GgufEditor::Set(std::string_view key, std::string value) {
  const auto it = std::find_if(pairs_.begin(), pairs_.end(), [&](const Pair& pair) { return pair.key == key; });
  if (it == pairs_.end()) {
    pairs_.push_back({std::string(key), std::move(value)});
  } else {
    it->value = std::move(value);
  }
}

void GgufEditor::SetU32(std::string_view key, uint32_t value) { Set(key, Scalar(GgufType::kU32, value)); }
void GgufEditor::SetU64(std::string_view key, uint64_t value) { Set(key, Scalar(GgufType::kU64, value)); }
void GgufEditor::SetI32(std::string_view key, int32_t value) { Set(key, Scalar(GgufType::kI32, value)); }
void GgufEditor::SetF32(std::string_view key, float value) { Set(key, Scalar(GgufType::kF32, value)); }
void GgufEditor::SetString(std::string_view key, std::string_view value) { Set(key, Text(value)); }

void GgufEditor::SetStrings(std::string_view key, std::span<const std::string> values) {
  std::string out = ArrayHead(GgufType::kString, values.size());
  for (const std::string& value : values) PutString(out, value);
  Set(key, std::move(out));
}

void GgufEditor::SetI32s(std::string_view key, std::span<const int32_t> values) {
  std::string out = ArrayHead(GgufType::kI32, values.size());
  for (const int32_t value : values) Put(out, value);
  Set(key, std::move(out));
}

void GgufEditor::SetF32s(std::string_view key, std::span<const float> values) {
  std::string out = ArrayHead(GgufType::kF32, values.size());
  for (const float value : values) Put(out, value);
  Set(key, std::move(out));
}

void GgufEditor::Remove(std::string_view key) {
  CHECK_EQ(std::erase_if(pairs_, [&](const Pair& pair) { return pair.key == key; }), 1u) << "no key " << key;
}

GgufEditor::Tensor& GgufEditor::tensor(std::string_view name) {
  const auto it = std::find_if(tensors_.begin(), tensors_.end(), [&](const Tensor& t) { return t.name == name; });
  CHECK(it != tensors_.end()) << "no tensor " << name;
  return *it;
}

void GgufEditor::AddTensor(std::string_view name, std::vector<uint64_t> dims, TensorType type, size_t bytes,
                           uint8_t fill) {
  tensors_.push_back(
      {std::string(name), std::move(dims), static_cast<uint32_t>(type), std::vector<uint8_t>(bytes, fill)});
}

void GgufEditor::RemoveTensor(std::string_view name) {
  CHECK_EQ(std::erase_if(tensors_, [&](const Tensor& t) { return t.name == name; }), 1u) << "no tensor " << name;
}

void GgufEditor::Retype(std::string_view name, TensorType type, size_t bytes, uint8_t fill) {
  Tensor& changed = tensor(name);
  changed.type_id = static_cast<uint32_t>(type);
  changed.data.assign(bytes, fill);
}

std::vector<uint8_t> GgufEditor::Bytes() const {
  std::string out = "GGUF";
  Put(out, uint32_t{3});
  Put(out, uint64_t{tensors_.size()});
  Put(out, uint64_t{pairs_.size()});
  for (const Pair& pair : pairs_) {
    PutString(out, pair.key);
    out.append(pair.value);
  }
  uint64_t offset = 0;
  for (const Tensor& tensor : tensors_) {
    PutString(out, tensor.name);
    Put(out, static_cast<uint32_t>(tensor.dims.size()));
    for (uint64_t dim : tensor.dims) Put(out, dim);
    Put(out, tensor.type_id);
    Put(out, offset);
    offset += Aligned(tensor.data.size());
  }
  for (const Tensor& tensor : tensors_) {
    out.resize(Aligned(out.size()));
    out.append(reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size());
  }
  return {out.begin(), out.end()};
}

}  // namespace bitnet
