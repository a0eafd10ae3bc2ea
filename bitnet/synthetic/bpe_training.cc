#include "bitnet/synthetic/bpe_training.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

namespace bitnet {
namespace {

using Pair = BpeBuilder::Pair;

// Where each pair of adjacent tokens occurs.
class PairIndex {
 public:
  struct Occurrences {
    int64_t frequency = 0;
    std::vector<size_t> texts;  // may hold a text that has lost the pair since, or one text twice
  };

  void Add(const std::vector<int32_t>& ids, size_t text, int64_t frequency) {
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      Occurrences& occurrences = pairs_[{ids[i], ids[i + 1]}];
      occurrences.frequency += frequency;
      occurrences.texts.push_back(text);
    }
  }

  void Remove(const std::vector<int32_t>& ids, int64_t frequency) {
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      const auto it = pairs_.find(Pair(ids[i], ids[i + 1]));
      it->second.frequency -= frequency;
      if (it->second.frequency == 0) pairs_.erase(it);
    }
  }

  // The most frequent pair not refused; nullptr when there is none. The order of the hash map does not matter: the
  // comparison is total.
  const std::pair<const Pair, Occurrences>* Best() const {
    const std::pair<const Pair, Occurrences>* best = nullptr;
    for (const auto& entry : pairs_) {
      if (refused_.contains(entry.first)) continue;
      if (best == nullptr || entry.second.frequency > best->second.frequency ||
          (entry.second.frequency == best->second.frequency && entry.first < best->first)) {
        best = &entry;
      }
    }
    return best;
  }

  void Refuse(Pair pair) { refused_.insert(pair); }

 private:
  absl::flat_hash_map<Pair, Occurrences> pairs_;
  absl::flat_hash_set<Pair> refused_;
};

}  // namespace

void TrainMerges(BpeBuilder& builder, const std::vector<TrainingText>& texts) {
  std::vector<std::vector<int32_t>> encoded(texts.size());
  PairIndex index;
  for (size_t i = 0; i < texts.size(); ++i) {
    encoded[i] = builder.Encode(texts[i].text);
    index.Add(encoded[i], i, texts[i].frequency);
  }
  while (!builder.full()) {
    const auto* best = index.Best();
    if (best == nullptr) return;
    const Pair pair = best->first;
    const std::vector<size_t> affected = best->second.texts;
    // Refused when the text is a token already (made from other parts, so that the affected texts are out of date) or
    // encodes otherwise on its own, which overlapping repeats like "aaa" can do.
    if (!builder.TryAdd(absl::StrCat(builder.tokens()[pair.first], builder.tokens()[pair.second]))) index.Refuse(pair);
    for (const size_t i : affected) {
      index.Remove(encoded[i], texts[i].frequency);
      encoded[i] = builder.Encode(texts[i].text);
      index.Add(encoded[i], i, texts[i].frequency);
    }
  }
}

}  // namespace bitnet
