#include "bitnet/quant/i2s.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "bitnet/quant/ternary_scale.h"
#include "bitnet/tensor/ternary_view.h"

namespace bitnet {
namespace {

constexpr size_t kBlockBytes = kI2sBlock / 4;  // 32
constexpr size_t kSlots = 4;                   // weights in a byte

constexpr uint64_t kLowBits = 0x5555555555555555u;  // the low bit of each two-bit code

uint64_t LoadWord(const uint8_t* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

// A one in the low bit of each code that is 3.
uint64_t IllegalCodes(uint64_t word) { return word & (word >> 1) & kLowBits; }

// Finds the lowest element with code 3 in a block that has one.
int64_t FirstIllegalElement(const uint8_t* block) {
  for (int64_t i = 0; i < kI2sBlock; ++i) {
    if (((block[i % kBlockBytes] >> (6 - 2 * (i / kBlockBytes))) & 3) == 3) return i;
  }
  return kI2sBlock;
}

// Adds the ones of a word whose ones all lie in kLowBits, many words at a time: three words fill two-bit lanes (0..3),
// a lane sum fills bytes (0..12), and 21 of those fit a byte (252).
class LaneCounter {
 public:
  static constexpr int kWordsPerGroup = 3;
  static constexpr int kGroups = 21;

  // `pairs`: sum of at most three words with ones in kLowBits.
  void AddGroup(uint64_t pairs) {
    constexpr uint64_t kPairs = 0x3333333333333333u;
    constexpr uint64_t kNibbles = 0x0f0f0f0f0f0f0f0fu;
    const uint64_t nibbles = (pairs & kPairs) + ((pairs >> 2) & kPairs);
    bytes_ += (nibbles & kNibbles) + ((nibbles >> 4) & kNibbles);
  }
  // After at most kGroups groups.
  void Flush() {
    constexpr uint64_t kEvenBytes = 0x00ff00ff00ff00ffu;
    const uint64_t halves = (bytes_ & kEvenBytes) + ((bytes_ >> 8) & kEvenBytes);
    total_ += (halves * 0x0001000100010001u) >> 48;
    bytes_ = 0;
  }
  uint64_t total() const { return total_; }

 private:
  uint64_t bytes_ = 0;
  uint64_t total_ = 0;
};

}  // namespace

absl::Status CheckI2sCodes(std::span<const uint8_t> packed, std::string_view name, int64_t first_element) {
  if (packed.size() % kBlockBytes != 0) {
    return absl::InvalidArgumentError(absl::StrCat("tensor \"", name, "\": I2_S codes: expected a multiple of ",
                                                   kBlockBytes, " bytes, got ", packed.size()));
  }
  for (size_t at = 0; at < packed.size(); at += kBlockBytes) {
    const uint8_t* block = packed.data() + at;
    const uint64_t illegal = IllegalCodes(LoadWord(block)) | IllegalCodes(LoadWord(block + 8)) |
                             IllegalCodes(LoadWord(block + 16)) | IllegalCodes(LoadWord(block + 24));
    if (illegal != 0) [[unlikely]] {
      const int64_t element = first_element + static_cast<int64_t>(at * kSlots) + FirstIllegalElement(block);
      return absl::InvalidArgumentError(absl::StrCat(
          "tensor \"", name, "\": I2_S code of element ", element,
          ": expected 0, 1 or 2, got 3; the file is damaged, or the tensor is not in the I2_S layout it claims"));
    }
  }
  return absl::OkStatus();
}

TernaryStats CountTrits(std::span<const uint8_t> packed) {
  LaneCounter zero, plus, illegal;
  const uint8_t* next = packed.data();
  size_t left = packed.size();
  while (left > 0) {
    for (int group = 0; group < LaneCounter::kGroups && left > 0; ++group) {
      uint64_t zeros = 0, pluses = 0, illegals = 0;
      for (int i = 0; i < LaneCounter::kWordsPerGroup && left > 0; ++i) {
        uint64_t word = 0;  // missing bytes are codes 0, which are not counted here
        const size_t size = std::min(left, sizeof(word));
        std::memcpy(&word, next, size);
        next += size;
        left -= size;
        zeros += word & ~(word >> 1) & kLowBits;
        pluses += (word >> 1) & ~word & kLowBits;
        illegals += IllegalCodes(word);
      }
      zero.AddGroup(zeros);
      plus.AddGroup(pluses);
      illegal.AddGroup(illegals);
    }
    zero.Flush();
    plus.Flush();
    illegal.Flush();
  }
  TernaryStats stats{0, zero.total(), plus.total(), illegal.total()};
  stats.count_minus = packed.size() * kSlots - stats.count_zero - stats.count_plus - stats.count_illegal;
  return stats;
}

absl::StatusOr<float> I2sScale(std::span<const uint8_t> data, std::string_view name) {
  if (data.size() < kBlockBytes + kI2sTailBytes || data.size() % kBlockBytes != 0) {
    return absl::InvalidArgumentError(absl::StrCat("tensor \"", name, "\": I2_S data: expected a multiple of ",
                                                   kBlockBytes, " bytes of codes and ", kI2sTailBytes,
                                                   " bytes of tail, got ", data.size(), " bytes"));
  }
  const size_t at = data.size() - kI2sTailBytes;
  float scale;
  std::memcpy(&scale, data.data() + at, sizeof(scale));
  if (!IsTernaryScale(scale)) {
    return absl::InvalidArgumentError(absl::StrCat("tensor \"", name, "\": I2_S scale at byte ", at,
                                                   " of the tensor: expected a finite number >= 0, got ", scale));
  }
  return scale;
}

}  // namespace bitnet
