// Models that repeat themselves, for tests of what repetition brings about.

#ifndef BITNET_ENGINE_REPEATING_MODEL_H_
#define BITNET_ENGINE_REPEATING_MODEL_H_

#include <cstddef>
#include <string>

#include "bitnet/gguf/gguf_editor.h"

namespace bitnet {

// Writes the model file at `path`, one whose head is the embedding, to `to`, changed so that its layers add little to
// the embedding of the last token: the most likely token is, nearly always, the last one again.
void WriteRepeatingModel(const std::string& path, const std::string& to);

// Makes a Llama-like model whose most likely token is, nearly always, the next in a circle of kCircle: row v of the
// head is the embedding of the token before v, scaled. Its layers add little, which every token before has a part in.
inline constexpr size_t kCircle = 11;
void MakeCircular(GgufEditor& editor);

}  // namespace bitnet

#endif  // BITNET_ENGINE_REPEATING_MODEL_H_
