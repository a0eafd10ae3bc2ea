#include "bitnet/commitment/difference.h"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace bitnet {
namespace {

std::string InLeaf(const NumericsLeaf& claimed, const NumericsLeaf& replayed) {
  if (claimed.token_in != replayed.token_in) {
    return absl::StrCat("token fed: ", claimed.token_in, " claimed, ", replayed.token_in, " replayed");
  }
  if (claimed.hidden != replayed.hidden) return "hidden state after the last layer";
  if (claimed.chosen != replayed.chosen) {
    return claimed.chosen ? "a choice is claimed where none is made" : "no choice is claimed where one is made";
  }
  if (claimed.argmax != replayed.argmax) {
    return absl::StrCat("most likely token: ", claimed.argmax, " claimed, ", replayed.argmax, " replayed");
  }
  const auto logit = [](const char* which, uint32_t a, uint32_t b) {
    return absl::StrFormat("%s logit: %.9g claimed, %.9g replayed", which, std::bit_cast<float>(a),
                           std::bit_cast<float>(b));
  };
  if (claimed.top1_bits != replayed.top1_bits) return logit("largest", claimed.top1_bits, replayed.top1_bits);
  if (claimed.top2_bits != replayed.top2_bits) return logit("second", claimed.top2_bits, replayed.top2_bits);
  return absl::StrCat("token chosen: ", claimed.token_out, " claimed, ", replayed.token_out, " replayed");
}

}  // namespace

std::string FirstDifference(const Commitment& claimed, const Commitment& replayed) {
  if (claimed.layers != replayed.layers) {
    return absl::StrCat("the number of layers: ", claimed.layers, " claimed, ", replayed.layers, " replayed");
  }
  if (claimed.session != replayed.session) return "the session that every leaf is bound to";
  const size_t common = std::min(claimed.numerics.size(), replayed.numerics.size());
  for (size_t i = 0; i < common; ++i) {
    const NumericsLeaf& a = claimed.numerics[i];
    const NumericsLeaf& b = replayed.numerics[i];
    if (a == b) continue;
    const std::string where = absl::StrCat("position ", a.position);
    if (a.position != b.position) return absl::StrCat(where, ": ", b.position, " replayed");
    if (a.token_in != b.token_in) return absl::StrCat(where, ", ", InLeaf(a, b));
    for (uint32_t layer = 0; layer < claimed.layers; ++layer) {
      const size_t at = i * claimed.layers + layer;
      if (claimed.layer_digests[at] != replayed.layer_digests[at]) {
        return absl::StrCat(where, ", layer ", layer, ": keys and values");
      }
    }
    return absl::StrCat(where, ", ", InLeaf(a, b));
  }
  if (claimed.numerics.size() == replayed.numerics.size()) return "";
  return absl::StrCat("position ", common, ": ", claimed.numerics.size(), " positions claimed, ",
                      replayed.numerics.size(), " replayed");
}

}  // namespace bitnet
