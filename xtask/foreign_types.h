// Tensor type numbers as the programs of the family mean them: one number has several meanings, told apart by size.

#ifndef XTASK_FOREIGN_TYPES_H_
#define XTASK_FOREIGN_TYPES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bitnet::xtask {

// Where a tensor lies: its shape, and the bytes up to the next tensor or the end of the file.
struct TensorRoom {
  uint64_t elements = 0;
  uint64_t row_length = 0;
  uint64_t bytes = 0;
  uint64_t alignment = 32;  // a power of two

  // Whether a tensor of `size` bytes fills the room but for padding.
  bool FilledBy(uint64_t size) const { return size <= bytes && bytes - size < alignment; }
};

// One meaning of a type number.
struct TypeReading {
  std::string name;         // "MXFP4"
  std::string_view origin;  // whose it is; "" for the types of this engine
  std::string_view advice;  // what to do about such a tensor; "" for the types of this engine
  bool ours() const { return origin.empty(); }
};

// The meanings of the number `type_id` whose size fills the room; ours first. Empty when none does.
std::vector<TypeReading> ReadingsThatFit(uint32_t type_id, const TensorRoom& room);

// All meanings of the number, whatever their sizes.
std::vector<TypeReading> ReadingsOf(uint32_t type_id);

// Names of types of plain numbers (F32, F16 or BF16, I8) whose size fills the room: what may lie under a false label.
std::string PlainTypeThatFits(const TensorRoom& room);

}  // namespace bitnet::xtask

#endif  // XTASK_FOREIGN_TYPES_H_
