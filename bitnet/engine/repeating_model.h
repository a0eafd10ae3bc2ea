// Models that repeat themselves, for tests of what repetition brings about.

#ifndef BITNET_ENGINE_REPEATING_MODEL_H_
#define BITNET_ENGINE_REPEATING_MODEL_H_

#include <string>

namespace bitnet {

// Writes the model file at `path`, one whose head is the embedding, to `to`, changed so that its layers add little to
// the embedding of the last token: the most likely token is, nearly always, the last one again.
void WriteRepeatingModel(const std::string& path, const std::string& to);

}  // namespace bitnet

#endif  // BITNET_ENGINE_REPEATING_MODEL_H_
