#include "xtask/foreign_types.h"

#include <optional>

#include "absl/status/statusor.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet::xtask {
namespace {

constexpr std::string_view kGgml = "llama.cpp";
constexpr std::string_view kOldGgml = "an older llama.cpp";
constexpr std::string_view kIk = "ik_llama.cpp";
constexpr std::string_view kPrism = "the llama.cpp of PrismML";

constexpr std::string_view kNotTernary =
    "not ternary: get the model as I2_S, TQ1_0 or TQ2_0, or as the Hugging Face checkpoint that it was made of";
constexpr std::string_view kRowScales =
    "ternary in a layout that is not read here: get the I2_S, TQ1_0 or TQ2_0 file, or the Hugging Face checkpoint, that "
    "it was made of";
constexpr std::string_view kGroupScales =
    "a scale for each group of weights, where the kernels here take one for the matrix: run it with the program that "
    "wrote it";

struct TypeRule {
  uint32_t id;
  std::string_view name;
  std::string_view origin;
  uint64_t block;        // weights; 0: no size rule
  uint64_t block_bytes;
  uint64_t row_bytes;  // before the blocks of each row
  std::string_view advice;
};

// Facts of ggml.h of the programs named. The numbers that this engine reads are in bitnet/tensor; here they stand only
// with their other meanings.
constexpr TypeRule kRules[] = {
    {2, "Q4_0", kGgml, 32, 18, 0, kNotTernary},
    {3, "Q4_1", kGgml, 32, 20, 0, kNotTernary},
    {6, "Q5_0", kGgml, 32, 22, 0, kNotTernary},
    {7, "Q5_1", kGgml, 32, 24, 0, kNotTernary},
    {8, "Q8_0", kGgml, 32, 34, 0, kNotTernary},
    {9, "Q8_1", kGgml, 32, 36, 0, kNotTernary},
    {10, "Q2_K", kGgml, 256, 84, 0, kNotTernary},
    {11, "Q3_K", kGgml, 256, 110, 0, kNotTernary},
    {12, "Q4_K", kGgml, 256, 144, 0, kNotTernary},
    {13, "Q5_K", kGgml, 256, 176, 0, kNotTernary},
    {14, "Q6_K", kGgml, 256, 210, 0, kNotTernary},
    {15, "Q8_K", kGgml, 256, 292, 0, kNotTernary},
    {16, "IQ2_XXS", kGgml, 256, 66, 0, kNotTernary},
    {17, "IQ2_XS", kGgml, 256, 74, 0, kNotTernary},
    {18, "IQ3_XXS", kGgml, 256, 98, 0, kNotTernary},
    {19, "IQ1_S", kGgml, 256, 50, 0, kNotTernary},
    {20, "IQ4_NL", kGgml, 32, 18, 0, kNotTernary},
    {21, "IQ3_S", kGgml, 256, 110, 0, kNotTernary},
    {22, "IQ2_S", kGgml, 256, 82, 0, kNotTernary},
    {23, "IQ4_XS", kGgml, 256, 136, 0, kNotTernary},
    {29, "IQ1_M", kGgml, 256, 56, 0, kNotTernary},
    {31, "Q4_0_4_4", kOldGgml, 32, 18, 0, kNotTernary},
    {32, "Q4_0_4_8", kOldGgml, 32, 18, 0, kNotTernary},
    {33, "Q4_0_8_8", kOldGgml, 32, 18, 0, kNotTernary},
    {36, "IQ4_NL_4_4", kOldGgml, 32, 18, 0, kNotTernary},
    {37, "IQ4_NL_4_8", kOldGgml, 32, 18, 0, kNotTernary},
    {38, "IQ4_NL_8_8", kOldGgml, 32, 18, 0, kNotTernary},
    {39, "MXFP4", kGgml, 32, 17, 0, kNotTernary},
    {40, "NVFP4", kGgml, 64, 36, 0, kNotTernary},
    {42, "Q2_0 of 128-groups", kPrism, 128, 34, 0, kGroupScales},
    {134, "IQ1_BN", kIk, 64, 13, 2, kRowScales},
    {135, "IQ2_BN", kIk, 64, 16, 4, kRowScales},
    {137, "IQ2_K", kIk, 0, 0, 0, kNotTernary},
    {142, "PQ2_0", kPrism, 128, 34, 0, kGroupScales},
    {143, "PTQ1_0", kPrism, 128, 28, 0, kGroupScales},
    {335, "IQ2_BN_R4", kIk, 64, 16, 4, kRowScales},
};

std::optional<uint64_t> SizeOf(const TypeRule& rule, const TensorRoom& room) {
  if (rule.block == 0 || room.row_length == 0 || room.row_length % rule.block != 0) return std::nullopt;
  uint64_t blocks = 0, rows = 0, size = 0;
  if (__builtin_mul_overflow(room.elements / rule.block, rule.block_bytes, &blocks) ||
      __builtin_mul_overflow(room.elements / room.row_length, rule.row_bytes, &rows) ||
      __builtin_add_overflow(blocks, rows, &size)) {
    return std::nullopt;
  }
  return size;
}

bool Fits(TensorType type, const TensorRoom& room) {
  const absl::StatusOr<uint64_t> size = TensorSizeInBytes(type, room.elements, room.row_length);
  return size.ok() && room.FilledBy(*size);
}

std::vector<TypeReading> Readings(uint32_t type_id, const TensorRoom* room) {
  std::vector<TypeReading> readings;
  const std::optional<TensorType> type = TensorTypeFromId(type_id);
  if (type && (room == nullptr || Fits(*type, *room))) readings.push_back({TensorTypeName(type_id), "", ""});
  for (const TypeRule& rule : kRules) {
    if (rule.id != type_id) continue;
    if (room != nullptr) {
      const std::optional<uint64_t> size = SizeOf(rule, *room);
      // A number with one meaning of unknown size means that.
      if (rule.block != 0 && (!size || !room->FilledBy(*size))) continue;
    }
    readings.push_back({std::string(rule.name), rule.origin, rule.advice});
  }
  return readings;
}

}  // namespace

std::vector<TypeReading> ReadingsThatFit(uint32_t type_id, const TensorRoom& room) { return Readings(type_id, &room); }

std::vector<TypeReading> ReadingsOf(uint32_t type_id) { return Readings(type_id, nullptr); }

std::string PlainTypeThatFits(const TensorRoom& room) {
  if (Fits(TensorType::kF32, room)) return "F32";
  if (Fits(TensorType::kF16, room)) return "F16 or BF16";
  if (Fits(TensorType::kI8, room)) return "I8";
  return "";
}

}  // namespace bitnet::xtask
