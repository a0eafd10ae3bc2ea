// Byte-pair-encoding training (Sennrich, Haddow and Birch, ACL 2016) on weighted texts.

#ifndef BITNET_SYNTHETIC_BPE_TRAINING_H_
#define BITNET_SYNTHETIC_BPE_TRAINING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bitnet/synthetic/bpe_builder.h"

namespace bitnet {

struct TrainingText {
  std::string text;       // raw bytes
  int64_t frequency = 0;  // > 0
};

// Adds the most frequent adjacent pair of tokens to `builder`, encodes again, and so on until the builder is full or no
// pair can be added. Of equally frequent pairs the one with the smaller ids wins. Deterministic.
void TrainMerges(BpeBuilder& builder, const std::vector<TrainingText>& texts);

}  // namespace bitnet

#endif  // BITNET_SYNTHETIC_BPE_TRAINING_H_
