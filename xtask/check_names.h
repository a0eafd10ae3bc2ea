// The names of a file's tensors against those of the graph that its metadata describes.

#ifndef XTASK_CHECK_NAMES_H_
#define XTASK_CHECK_NAMES_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bitnet/gguf/gguf_file.h"
#include "bitnet/model/config.h"

namespace bitnet::xtask {

struct NameFindings {
  std::vector<std::string> missing;  // that the graph needs and the file lacks
  std::vector<std::string> extra;    // that have no place in the graph
  // Pairs of a Hugging Face name in the file and the name that the graph has for it.
  std::vector<std::pair<std::string, std::string>> hugging_face;

  bool ok() const { return missing.empty() && extra.empty(); }
};

// A tensor with a Hugging Face name counts as extra, and the one it should be as missing.
NameFindings CheckNames(const GgufFile& file, const ModelConfig& config);

// Whether a name is one that Hugging Face checkpoints use, such as model.layers.0.self_attn.q_proj.weight.
bool LooksLikeHuggingFaceName(std::string_view name);

// Without a configuration: parts of names, between "blk.N." and ".weight", that no architecture here has, each once.
std::vector<std::string> UnknownParts(const GgufFile& file);

}  // namespace bitnet::xtask

#endif  // XTASK_CHECK_NAMES_H_
