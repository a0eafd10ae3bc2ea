// The tensors of a synthetic model: names, types, shapes, and the spread of the values in each.

#ifndef BITNET_SYNTHETIC_TENSORS_H_
#define BITNET_SYNTHETIC_TENSORS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bitnet/synthetic/presets.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {

struct SyntheticTensor {
  std::string name;
  TensorType type = TensorType::kF32;  // kI2S: ternary matrix, kF32: norm, kF16: embedding
  std::vector<uint64_t> dims;          // dims[0] is the row length
  // kI2S: the scale of the file's tail. kF16: standard deviation. kF32: unused, norms lie around 1.
  float scale = 0;
};

// All tensors in the order of the official file: 11 per layer, between token_embd and output_norm.
//
// Scales are chosen so that the model talks instead of repeating itself. The head is tied to the embedding, so the
// embedding of the newest token, which the residual stream carries to the end, would win every logit:
//   * an embedding row e has the norm 3.5, so logits have about that standard deviation: the best of 128256 tokens gets
//     a probability of some percent, neither certain nor lost;
//   * in layer 0, attention adds as much as the embedding, and then the feed-forward part adds 4 per element, which
//     drowns both: token and context go on through a non-linear function only;
//   * later layers share additions of 4 (attention) and 3 (feed-forward) per element between them;
//   * queries and keys have standard deviation 1.6, so attention scores have 1.6^2: sharp enough for single positions
//     to matter, which keeps long contexts from averaging out and greedy decoding from running in a circle.
// The input of each matrix is normalised to mean square 1 and half of the weights are zero, so a scale of
// s / sqrt(columns / 2) gives outputs of standard deviation s.
std::vector<SyntheticTensor> SyntheticTensors(const SyntheticPreset& preset);

}  // namespace bitnet

#endif  // BITNET_SYNTHETIC_TENSORS_H_
