#include "bitnet/commitment/difference.h"

#include <functional>

#include "bitnet/commitment/sample_commitment.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

TEST(DifferenceTest, NamesTheFirstPlace) {
  struct Case {
    const char* expected;
    std::function<void(Commitment&)> edit;
  };
  const Case kCases[] = {
      {"", [](Commitment&) {}},
      {"", [](Commitment& c) { c.observed[0].end_ns = 7; }},  // time is no part of the numerics
      {"the session that every leaf is bound to", [](Commitment& c) { ++c.session[0]; }},
      {"position 1, layer 1: keys and values",
       [](Commitment& c) { ++c.layer_digests[3][0], ++c.numerics[1].layers_root[0], ++c.numerics[2].layers_root[0]; }},
      {"position 0, layer 0: keys and values",
       [](Commitment& c) { ++c.layer_digests[0][0], ++c.layer_digests[1][0], ++c.numerics[0].layers_root[0]; }},
      {"position 3, hidden state after the last layer", [](Commitment& c) { ++c.numerics[3].hidden[9]; }},
      {"position 4, token fed: 104 claimed, 7 replayed", [](Commitment& c) { c.numerics[4].token_in = 7; }},
      {"position 4, most likely token: 105 claimed, 9 replayed", [](Commitment& c) { c.numerics[4].argmax = 9; }},
      {"position 2, largest logit: 2.00000048 claimed, 1 replayed",
       [](Commitment& c) { c.numerics[2].top1_bits = 0x3f800000; }},
      {"position 2, second logit: 0.500000119 claimed, 1 replayed",
       [](Commitment& c) { c.numerics[2].top2_bits = 0x3f800000; }},
      {"position 4, token chosen: 105 claimed, 8 replayed", [](Commitment& c) { c.numerics[4].token_out = 8; }},
      {"position 2, a choice is claimed where none is made",
       [](Commitment& c) { c.numerics[2] = {.position = 2, .token_in = 102, .layers_root = c.numerics[2].layers_root,
                                            .hidden = c.numerics[2].hidden}; }},
      {"position 4: 5 positions claimed, 4 replayed", [](Commitment& c) { c.numerics.pop_back(); }},
      {"the number of layers: 2 claimed, 3 replayed", [](Commitment& c) { c.layers = 3; }},
  };
  for (const Case& c : kCases) {
    Commitment replayed = SampleCommitment();
    c.edit(replayed);
    EXPECT_EQ(FirstDifference(SampleCommitment(), replayed), c.expected);
  }
}

}  // namespace
}  // namespace bitnet
