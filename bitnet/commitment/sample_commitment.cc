#include "bitnet/commitment/sample_commitment.h"

#include <string>

namespace bitnet {

Commitment SampleCommitment() {
  Commitment out;
  out.session = Sha256Of("session");
  out.layers = 2;
  for (uint32_t position = 0; position < 5; ++position) {
    const std::string name = std::to_string(position);
    out.layer_digests.push_back(Sha256Of("first layer " + name));
    out.layer_digests.push_back(Sha256Of("second layer " + name));
    NumericsLeaf leaf{.position = position, .token_in = 100 + position, .hidden = Sha256Of("hidden " + name)};
    leaf.layers_root = LayersRoot(std::span(out.layer_digests).last(2));
    if (position >= 2) {
      leaf.chosen = true;
      leaf.argmax = leaf.token_out = 101 + position;
      leaf.top1_bits = 0x40000000 + position;
      leaf.top2_bits = 0x3f000000 + position;
    }
    out.numerics.push_back(leaf);
  }
  out.observed = {{StepKind::kPrefill, 0, 2, 0, 0, 1000, {{0, 1}, {5, 14}}},
                  {StepKind::kPrefill, 2, 1, 1, 1100, 1700, {{0, 1}, {4, 14}, {9, 1}}},
                  {StepKind::kDecode, 3, 1, 1, 1800, 2300, {{0, 1}, {4, 14}, {9, 1}, {12, 1}}},
                  {StepKind::kDecode, 4, 1, 1, 2300, 2900, {{0, 1}, {4, 14}, {9, 1}, {12, 1}}}};
  return out;
}

}  // namespace bitnet
