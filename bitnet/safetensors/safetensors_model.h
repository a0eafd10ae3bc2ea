// SafetensorsModel: the tensors of a Hugging Face directory, from model.safetensors or from the shards that
// model.safetensors.index.json lists.

#ifndef BITNET_SAFETENSORS_SAFETENSORS_MODEL_H_
#define BITNET_SAFETENSORS_SAFETENSORS_MODEL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/safetensors/safetensors_file.h"

namespace bitnet {

// "weight_map" of an index: tensor name, file name, in the order of the text. InvalidArgument: not JSON, no map, a file
// name that is not a plain name ending in ".safetensors": nothing outside the directory is ever opened.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseSafetensorsIndex(std::string_view json,
                                                                                       std::string_view what);

// Move-only, immutable after Open; safe to share between threads. Files stay mapped while it lives.
class SafetensorsModel {
 public:
  // NotFound when the directory has neither file; FailedPrecondition when it has both, since they may differ;
  // InvalidArgument when an index and its shards name different tensors; otherwise what Parse and MappedFile say.
  static absl::StatusOr<SafetensorsModel> Open(const std::string& directory);

  // nullptr when absent.
  const SafetensorsTensor* Find(std::string_view name) const;
  // File by file, in the order of their data.
  const std::vector<const SafetensorsTensor*>& tensors() const { return tensors_; }
  // Of all files.
  uint64_t bytes() const;
  std::vector<std::string> files() const;  // names without the directory

 private:
  struct Shard {
    std::string name;
    MappedFile file;
    SafetensorsFile tensors;
  };
  SafetensorsModel() = default;
  absl::Status AddShard(const std::string& directory, const std::string& name);

  std::vector<Shard> shards_;
  std::vector<const SafetensorsTensor*> tensors_;  // into shards_, whose vectors keep their memory when moved
  absl::flat_hash_map<std::string_view, const SafetensorsTensor*> index_;
};

}  // namespace bitnet

#endif  // BITNET_SAFETENSORS_SAFETENSORS_MODEL_H_
