// TokenTable: the bytes of every token in one arena, and a hash index from bytes to id for the tokens of ordinary text.

#ifndef BITNET_TOKENIZER_TOKEN_TABLE_H_
#define BITNET_TOKENIZER_TOKEN_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace bitnet {

// Immutable once filled; then safe to share between threads. The 128 256 tokens of Llama 3 take 3.5 MB: 0.9 of bytes,
// 0.5 of offsets, 2 of index. No token owns a string.
class TokenTable {
 public:
  static constexpr int32_t kNone = -1;

  // `bytes` bounds the sum of all token sizes and must be below 2^32.
  TokenTable(size_t tokens, size_t bytes);

  // Tokens arrive in id order: write the next one's bytes (within the bound above) to NextBytes, then Append.
  char* NextBytes() { return arena_.data() + used_; }
  void Append(size_t size);

  // Makes `id` findable. Returns kNone, or the id that has the same bytes already (then `id` is not added).
  int32_t Index(int32_t id);

  // Among indexed tokens.
  int32_t Find(std::string_view bytes) const;

  // Requires 0 <= id < size().
  std::string_view Bytes(int32_t id) const { return {arena_.data() + offsets_[id], offsets_[id + 1] - offsets_[id]}; }
  int32_t size() const { return static_cast<int32_t>(offsets_.size()) - 1; }

 private:
  struct Slot {
    uint32_t hash = 0;  // spares most comparisons with the arena
    int32_t id = kNone;
  };

  std::vector<char> arena_;
  size_t used_ = 0;
  std::vector<uint32_t> offsets_;  // [size + 1]
  std::vector<Slot> slots_;        // a power of two, at most two thirds taken
};

}  // namespace bitnet

#endif  // BITNET_TOKENIZER_TOKEN_TABLE_H_
