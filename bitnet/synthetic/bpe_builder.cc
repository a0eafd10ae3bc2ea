#include "bitnet/synthetic/bpe_builder.h"

#include <algorithm>
#include <limits>

#include "absl/log/check.h"
#include "bitnet/tokenizer/byte_alphabet.h"

namespace bitnet {
namespace {

constexpr int32_t kNoMerge = std::numeric_limits<int32_t>::max();

// GPT-2's order is that of the characters which stand for the bytes; UTF-8 sorts as code points do.
std::vector<std::string> BytesInOrder() {
  std::vector<std::string> bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.emplace_back(1, static_cast<char>(byte));
  std::sort(bytes.begin(), bytes.end(),
            [](const std::string& a, const std::string& b) { return EncodeByteAlphabet(a) < EncodeByteAlphabet(b); });
  return bytes;
}

}  // namespace

BpeBuilder::BpeBuilder(int64_t tokens, int64_t merges) : token_goal_(tokens), merge_goal_(merges) {
  CHECK_GE(tokens, 256);
  CHECK_GE(merges, tokens - 256);
  tokens_.reserve(tokens);
  merges_.reserve(merges);
  ids_.reserve(tokens);
  merge_of_.reserve(merges);
  for (std::string& byte : BytesInOrder()) {
    ids_.emplace(byte, static_cast<int32_t>(tokens_.size()));
    tokens_.push_back(std::move(byte));
  }
}

std::optional<int32_t> BpeBuilder::Find(std::string_view text) const {
  const auto it = ids_.find(text);
  if (it == ids_.end()) return std::nullopt;
  return it->second;
}

std::vector<int32_t> BpeBuilder::Encode(std::string_view text) const {
  std::vector<int32_t> ids;
  for (const char c : text) ids.push_back(ids_.find(std::string_view(&c, 1))->second);
  const auto rank_at = [&](size_t i) {
    if (i + 1 >= ids.size()) return kNoMerge;
    const auto it = merge_of_.find(Key(ids[i], ids[i + 1]));
    return it == merge_of_.end() ? kNoMerge : it->second.rank;
  };
  std::vector<int32_t> ranks(ids.size());  // of the pair that starts at each place
  for (size_t i = 0; i < ids.size(); ++i) ranks[i] = rank_at(i);
  while (!ids.empty()) {
    size_t best = 0;
    for (size_t i = 1; i < ids.size(); ++i) {
      if (ranks[i] < ranks[best]) best = i;
    }
    if (ranks[best] == kNoMerge) break;
    ids[best] = merge_of_.find(Key(ids[best], ids[best + 1]))->second.result;
    ids.erase(ids.begin() + best + 1);
    ranks.erase(ranks.begin() + best + 1);
    ranks[best] = rank_at(best);
    if (best > 0) ranks[best - 1] = rank_at(best - 1);
  }
  return ids;
}

void BpeBuilder::AddMerge(int32_t left, int32_t right, int32_t result) {
  const int32_t rank = static_cast<int32_t>(merges_.size());
  CHECK(merge_of_.emplace(Key(left, right), Merge{rank, result}).second);
  merges_.emplace_back(left, right);
}

bool BpeBuilder::TryAdd(std::string_view text) {
  if (full() || text.size() < 2 || ids_.contains(text)) return false;
  const std::vector<int32_t> parts = Encode(text);
  if (parts.size() != 2) return false;
  const int32_t id = static_cast<int32_t>(tokens_.size());
  tokens_.emplace_back(text);
  ids_.emplace(text, id);
  AddMerge(parts[0], parts[1], id);
  for (size_t cut = 1; cut < text.size(); ++cut) {
    if (cut == tokens_[parts[0]].size()) continue;
    const int64_t needed = token_goal_ - static_cast<int64_t>(tokens_.size());
    if (static_cast<int64_t>(merges_.size()) + needed >= merge_goal_) break;
    const std::optional<int32_t> left = Find(text.substr(0, cut));
    const std::optional<int32_t> right = Find(text.substr(cut));
    if (left.has_value() && right.has_value()) AddMerge(*left, *right, id);
  }
  return true;
}

bool BpeBuilder::SpendRemainingMerges() {
  for (int32_t id = 256; id < static_cast<int32_t>(tokens_.size()); ++id) {
    const std::string_view text = tokens_[id];
    for (size_t cut = 1; cut < text.size(); ++cut) {
      if (static_cast<int64_t>(merges_.size()) == merge_goal_) return true;
      const std::optional<int32_t> left = Find(text.substr(0, cut));
      const std::optional<int32_t> right = Find(text.substr(cut));
      if (!left.has_value() || !right.has_value() || merge_of_.contains(Key(*left, *right))) continue;
      AddMerge(*left, *right, id);
    }
  }
  return static_cast<int64_t>(merges_.size()) == merge_goal_;
}

}  // namespace bitnet
