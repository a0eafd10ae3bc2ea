// BpeBuilder: a byte-pair-encoding vocabulary that grows one token at a time.
//
// A token is added only as the merge of two tokens that its own text is cut into at that moment. Merges added later
// rank lower and so act later: whatever follows, the text of every token encodes to that one token.

#ifndef BITNET_SYNTHETIC_BPE_BUILDER_H_
#define BITNET_SYNTHETIC_BPE_BUILDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace bitnet {

// A pure function of the calls made. Not thread-safe.
class BpeBuilder {
 public:
  using Pair = std::pair<int32_t, int32_t>;  // token ids, left and right

  // Starts with the 256 byte tokens in the order of GPT-2's byte alphabet. Aims at `tokens` tokens (bytes included)
  // and `merges` merges: a token gets all the pairs that make it while enough merges remain to give one to each
  // token still to come.
  BpeBuilder(int64_t tokens, int64_t merges);

  const std::vector<std::string>& tokens() const { return tokens_; }  // raw bytes, by id
  const std::vector<Pair>& merges() const { return merges_; }         // best first
  bool full() const { return static_cast<int64_t>(tokens_.size()) >= token_goal_; }

  std::optional<int32_t> Find(std::string_view text) const;
  // `text` cut into bytes, then merged, best merge first, leftmost first.
  std::vector<int32_t> Encode(std::string_view text) const;

  // Adds `text` when it is new and encodes to exactly two tokens at present; otherwise, or when full, changes nothing
  // and returns false.
  bool TryAdd(std::string_view text);

  // Spends merges that are left on pairs whose parts came after the token they make. They act on nothing that the
  // merges before them did not already settle. Returns whether the goal is reached.
  bool SpendRemainingMerges();

 private:
  struct Merge {
    int32_t rank;
    int32_t result;
  };

  static uint64_t Key(int32_t left, int32_t right) {
    return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
  }
  void AddMerge(int32_t left, int32_t right, int32_t result);

  const int64_t token_goal_;
  const int64_t merge_goal_;
  std::vector<std::string> tokens_;
  std::vector<Pair> merges_;
  absl::flat_hash_map<std::string, int32_t> ids_;
  absl::flat_hash_map<uint64_t, Merge> merge_of_;  // by Key
};

}  // namespace bitnet

#endif  // BITNET_SYNTHETIC_BPE_BUILDER_H_
