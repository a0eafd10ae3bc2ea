#include "bitnet/gguf/gguf_writer.h"

#include <bit>
#include <type_traits>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"

namespace bitnet {
namespace {

constexpr uint32_t kVersion = 3;
constexpr size_t kMaxDims = 4;  // GGML_MAX_DIMS: readers refuse more
constexpr size_t kBufferBytes = size_t{1} << 20;

template <typename T>
void Put(std::string& out, T value) {
  static_assert(std::is_unsigned_v<T>);
  for (size_t i = 0; i < sizeof(T); ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

void PutString(std::string& out, std::string_view text) {
  Put<uint64_t>(out, text.size());
  out.append(text);
}

std::span<const uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

void GgufWriter::SetAlignment(uint64_t alignment) {
  CHECK(std::has_single_bit(alignment) && alignment >= gguf_limits::kMinAlignment) << alignment;
  CHECK(tensors_.empty()) << "the alignment is set before the first tensor";
  alignment_ = alignment;
}

void GgufWriter::AddKeyName(std::string_view key) {
  CHECK(!file_.has_value()) << "metadata after Begin: " << key;
  CHECK(keys_.emplace(key).second) << "metadata key given twice: " << key;
  PutString(metadata_, key);
}

void GgufWriter::AddRaw(std::string_view key, std::span<const uint8_t> type_and_value) {
  AddKeyName(key);
  metadata_.append(type_and_value.begin(), type_and_value.end());
}

void GgufWriter::AddKey(std::string_view key, GgufType type) {
  AddKeyName(key);
  Put<uint32_t>(metadata_, static_cast<uint32_t>(type));
}

void GgufWriter::AddArrayHead(std::string_view key, GgufType element_type, size_t count) {
  AddKey(key, GgufType::kArray);
  Put<uint32_t>(metadata_, static_cast<uint32_t>(element_type));
  Put<uint64_t>(metadata_, count);
}

void GgufWriter::AddU32(std::string_view key, uint32_t value) {
  AddKey(key, GgufType::kU32);
  Put<uint32_t>(metadata_, value);
}

void GgufWriter::AddF32(std::string_view key, float value) {
  AddKey(key, GgufType::kF32);
  Put<uint32_t>(metadata_, std::bit_cast<uint32_t>(value));
}

void GgufWriter::AddBool(std::string_view key, bool value) {
  AddKey(key, GgufType::kBool);
  Put<uint8_t>(metadata_, value ? 1 : 0);
}

void GgufWriter::AddString(std::string_view key, std::string_view value) {
  AddKey(key, GgufType::kString);
  PutString(metadata_, value);
}

void GgufWriter::AddStringArray(std::string_view key, std::span<const std::string> values) {
  AddArrayHead(key, GgufType::kString, values.size());
  for (const std::string& value : values) PutString(metadata_, value);
}

void GgufWriter::AddI32Array(std::string_view key, std::span<const int32_t> values) {
  AddArrayHead(key, GgufType::kI32, values.size());
  for (const int32_t value : values) Put<uint32_t>(metadata_, static_cast<uint32_t>(value));
}

void GgufWriter::AddF32Array(std::string_view key, std::span<const float> values) {
  AddArrayHead(key, GgufType::kF32, values.size());
  for (const float value : values) Put<uint32_t>(metadata_, std::bit_cast<uint32_t>(value));
}

absl::Status GgufWriter::AddTensor(std::string_view name, TensorType type, std::span<const uint64_t> dims) {
  if (file_.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat("tensor ", name, ": the directory is closed once Begin is called"));
  }
  if (dims.empty() || dims.size() > kMaxDims) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensor ", name, ": expected 1 to ", kMaxDims, " dims, got ", dims.size()));
  }
  uint64_t elements = 1;
  for (const uint64_t dim : dims) {
    if (dim == 0) return absl::InvalidArgumentError(absl::StrCat("tensor ", name, ": a dim is 0"));
    if (__builtin_mul_overflow(elements, dim, &elements)) {
      return absl::OutOfRangeError(absl::StrCat("tensor ", name, ": number of elements overflows 64 bits"));
    }
  }
  BITNET_ASSIGN_OR_RETURN(const uint64_t bytes, TensorSizeInBytes(type, elements, dims[0]));
  uint64_t end = 0;
  if (__builtin_add_overflow(data_bytes_, bytes, &end) || end > UINT64_MAX - alignment_) {
    return absl::OutOfRangeError(absl::StrCat("tensor ", name, ": file size overflows 64 bits"));
  }
  if (!tensor_names_.emplace(name).second) {
    return absl::InvalidArgumentError(absl::StrCat("tensor ", name, " is in the directory already"));
  }
  tensors_.push_back({std::string(name), type, {dims.begin(), dims.end()}, data_bytes_, bytes});
  data_bytes_ = Aligned(end);
  return absl::OkStatus();
}

std::string GgufWriter::Header() const {
  std::string out = "GGUF";
  Put<uint32_t>(out, kVersion);
  Put<uint64_t>(out, tensors_.size());
  Put<uint64_t>(out, keys_.size());
  out.append(metadata_);
  for (const Entry& tensor : tensors_) {
    PutString(out, tensor.name);
    Put<uint32_t>(out, static_cast<uint32_t>(tensor.dims.size()));
    for (const uint64_t dim : tensor.dims) Put<uint64_t>(out, dim);
    Put<uint32_t>(out, static_cast<uint32_t>(tensor.type));
    Put<uint64_t>(out, tensor.offset);
  }
  out.resize(Aligned(out.size()), '\0');
  return out;
}

uint64_t GgufWriter::FileSize() const {
  // Magic, version, two counts, pairs; then per tensor: name, number of dims, dims, type, offset.
  uint64_t header = 4 + 4 + 8 + 8 + metadata_.size();
  for (const Entry& tensor : tensors_) header += 8 + tensor.name.size() + 4 + 8 * tensor.dims.size() + 4 + 8;
  return Aligned(header) + data_bytes_;
}

absl::Status GgufWriter::Begin(const std::string& path) {
  if (file_.has_value()) return absl::FailedPreconditionError("Begin was called before");
  BITNET_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  path_ = path;
  file_.emplace(std::move(file));
  return Append(AsBytes(Header()));
}

absl::Status GgufWriter::WriteTensorData(std::span<const uint8_t> bytes) {
  if (!file_.has_value()) return absl::FailedPreconditionError("tensor data before Begin");
  if (bytes.empty()) return absl::OkStatus();
  if (current_ == tensors_.size()) {
    return absl::OutOfRangeError(absl::StrCat(path_, ": ", bytes.size(), " bytes after the last tensor"));
  }
  const Entry& tensor = tensors_[current_];
  if (bytes.size() > tensor.bytes - current_bytes_) {
    return absl::OutOfRangeError(absl::StrCat(path_, ": tensor ", tensor.name, " has ", tensor.bytes - current_bytes_,
                                              " bytes left to write, got ", bytes.size()));
  }
  BITNET_RETURN_IF_ERROR(Append(bytes));
  current_bytes_ += bytes.size();
  if (current_bytes_ < tensor.bytes) return absl::OkStatus();
  current_bytes_ = 0;
  ++current_;
  const std::vector<uint8_t> padding(Aligned(tensor.bytes) - tensor.bytes);
  return Append(padding);
}

absl::StatusOr<std::string> GgufWriter::Complete() {
  if (!file_.has_value()) return absl::FailedPreconditionError("Complete or Finish before Begin");
  if (current_ < tensors_.size()) {
    const Entry& tensor = tensors_[current_];
    return absl::FailedPreconditionError(absl::StrCat(path_, ": tensor ", tensor.name, " has ", current_bytes_, " of ",
                                                      tensor.bytes, " bytes; ", tensors_.size() - current_ - 1,
                                                      " tensors after it have none"));
  }
  BITNET_RETURN_IF_ERROR(Flush());
  CHECK_EQ(file_->size(), FileSize());
  return file_->ReadablePath();
}

absl::Status GgufWriter::Finish() {
  BITNET_RETURN_IF_ERROR(Complete().status());
  BITNET_RETURN_IF_ERROR(file_->Commit());
  file_.reset();
  return absl::OkStatus();
}

// Large pieces go to the file as they are: copying them first would only cost memory bandwidth.
absl::Status GgufWriter::Append(std::span<const uint8_t> bytes) {
  if (buffer_.size() + bytes.size() > kBufferBytes) BITNET_RETURN_IF_ERROR(Flush());
  if (bytes.size() >= kBufferBytes) return file_->Write(bytes);
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  return absl::OkStatus();
}

absl::Status GgufWriter::Flush() {
  BITNET_RETURN_IF_ERROR(file_->Write(std::span<const uint8_t>(buffer_)));
  buffer_.clear();
  return absl::OkStatus();
}

}  // namespace bitnet
