#include "bitnet/tokenizer/token_table.h"

#include <algorithm>
#include <bit>

#include "absl/hash/hash.h"

namespace bitnet {
namespace {

uint64_t HashOf(std::string_view bytes) { return absl::HashOf(bytes); }

}  // namespace

TokenTable::TokenTable(size_t tokens, size_t bytes) : arena_(bytes) {
  offsets_.reserve(tokens + 1);
  offsets_.push_back(0);
  slots_.resize(std::bit_ceil(std::max<size_t>(16, tokens + tokens / 2)));
}

void TokenTable::Append(size_t size) {
  used_ += size;
  offsets_.push_back(static_cast<uint32_t>(used_));
}

int32_t TokenTable::Index(int32_t id) {
  const std::string_view bytes = Bytes(id);
  const uint64_t hash = HashOf(bytes);
  const size_t mask = slots_.size() - 1;
  size_t slot = hash >> 32 & mask;
  for (; slots_[slot].id != kNone; slot = (slot + 1) & mask) {
    if (slots_[slot].hash == static_cast<uint32_t>(hash) && Bytes(slots_[slot].id) == bytes) return slots_[slot].id;
  }
  slots_[slot] = {static_cast<uint32_t>(hash), id};
  return kNone;
}

int32_t TokenTable::Find(std::string_view bytes) const {
  const uint64_t hash = HashOf(bytes);
  const size_t mask = slots_.size() - 1;
  for (size_t slot = hash >> 32 & mask; slots_[slot].id != kNone; slot = (slot + 1) & mask) {
    if (slots_[slot].hash == static_cast<uint32_t>(hash) && Bytes(slots_[slot].id) == bytes) return slots_[slot].id;
  }
  return kNone;
}

}  // namespace bitnet
