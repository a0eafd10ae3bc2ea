#include "bitnet/tensor/tensor_type.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace bitnet {
namespace {

struct TypeInfo {
  TensorType type;
  std::string_view name;
  uint64_t block;        // values
  uint64_t block_bytes;  // 0: Tl2Size
  uint64_t tail;         // bytes after the last block
};

constexpr TypeInfo kTypes[] = {
    {TensorType::kF32, "F32", 1, 4, 0},        {TensorType::kF16, "F16", 1, 2, 0},
    {TensorType::kI8, "I8", 1, 1, 0},          {TensorType::kI32, "I32", 1, 4, 0},
    {TensorType::kBf16, "BF16", 1, 2, 0},      {TensorType::kTq1_0, "TQ1_0", 256, 54, 0},
    {TensorType::kTq2_0, "TQ2_0", 256, 66, 0}, {TensorType::kI2S, "I2_S", 128, 32, 32},
    {TensorType::kI8S, "I8_S", 1, 1, 0},       {TensorType::kTl1, "TL1", 4, 1, 32},
    {TensorType::kTl2, "TL2", 1, 0, 0},        {TensorType::kQ1_0, "Q1_0", 128, 18, 0},
    {TensorType::kQ2_0, "Q2_0", 64, 18, 0},    {TensorType::kI2S32, "I2S_32", 32, 10, 0},
    {TensorType::kQk256, "QK256", 256, 64, 0},
};

const TypeInfo* Find(uint32_t id) {
  for (const TypeInfo& info : kTypes) {
    if (static_cast<uint32_t>(info.type) == id) return &info;
  }
  return nullptr;
}

absl::Status Overflow(std::string_view type, uint64_t elements) {
  return absl::OutOfRangeError(absl::StrCat("size of ", elements, " values of ", type, " overflows 64 bits"));
}

// 256 columns as pairs and the rest as triples, whatever the tiling makes of them, each division rounded down where
// Microsoft's reader rounds: it finds the scale by this size.
absl::StatusOr<uint64_t> Tl2Size(uint64_t elements, uint64_t row_length) {
  constexpr uint64_t kPairCols = 256, kAlignment = 32, kTail = 32;
  if (row_length < kPairCols) {
    return absl::InvalidArgumentError(
        absl::StrCat("TL2 needs rows of at least ", kPairCols, " values, got ", row_length));
  }
  const uint64_t rows = elements / row_length;
  uint64_t triples = 0, pairs = 0;
  if (__builtin_mul_overflow((row_length - kPairCols), rows, &triples) ||
      __builtin_mul_overflow(triples / 3, uint64_t{5}, &triples) ||
      __builtin_mul_overflow(kPairCols * 2, rows, &pairs)) {
    return Overflow("TL2", elements);
  }
  const uint64_t bytes = triples / 8 + pairs / 8;  // each below 2^61
  return (bytes + kAlignment - 1) / kAlignment * kAlignment + kTail;
}

}  // namespace

std::optional<TensorType> TensorTypeFromId(uint32_t id) {
  const TypeInfo* info = Find(id);
  if (info == nullptr) return std::nullopt;
  return info->type;
}

std::string TensorTypeName(uint32_t id) {
  const TypeInfo* info = Find(id);
  return info != nullptr ? std::string(info->name) : absl::StrCat("type ", id);
}

absl::StatusOr<uint64_t> TensorSizeInBytes(TensorType type, uint64_t elements, uint64_t row_length) {
  const TypeInfo* info = Find(static_cast<uint32_t>(type));
  if (type == TensorType::kTl2) return Tl2Size(elements, row_length);
  if (info == nullptr) {
    return absl::UnimplementedError(
        absl::StrCat("no size rule for tensor type ", TensorTypeName(static_cast<uint32_t>(type))));
  }
  if (row_length % info->block != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(info->name, " needs rows of a multiple of ", info->block, " values, got ", row_length));
  }
  uint64_t bytes = 0;
  if (__builtin_mul_overflow(elements / info->block, info->block_bytes, &bytes) ||
      __builtin_add_overflow(bytes, info->tail, &bytes)) {
    return Overflow(info->name, elements);
  }
  return bytes;
}

}  // namespace bitnet
