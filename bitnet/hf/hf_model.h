// HfModel: a Hugging Face model directory, opened: configuration, tokenizer, and for each tensor of the GGUF file to be
// written the tensor or tensors that it is made of.

#ifndef BITNET_HF_HF_MODEL_H_
#define BITNET_HF_HF_MODEL_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/hf/hf_config.h"
#include "bitnet/hf/hf_tokenizer.h"
#include "bitnet/hf/tensor_names.h"
#include "bitnet/safetensors/safetensors_model.h"

namespace bitnet {

// Whether `path` is a directory.
bool IsHfDirectory(const std::string& path);

// A tensor of the GGUF file and where its weights are.
struct HfSourceTensor {
  HfTensor tensor;
  const SafetensorsTensor* weight = nullptr;  // never null; shape and type checked
  const SafetensorsTensor* scale = nullptr;   // of a packed matrix; null otherwise
};

// Move-only, immutable after Open; safe to share between threads.
class HfModel {
 public:
  // Reads config.json, tokenizer.json, the optional files beside it and the headers of the safetensors files.
  // `weight_scale` overrides what the configuration says about the scales of packed matrices; FailedPrecondition when
  // there are such matrices and neither says anything. InvalidArgument names tensors that are missing, left over or of
  // another shape or type than the configuration means. Every error begins with the path.
  static absl::StatusOr<HfModel> Open(const std::string& directory, std::optional<HfScale> weight_scale);

  const std::string& name() const { return name_; }  // of the directory
  // Of every file that a model directory may have a part of the model in; some need not exist.
  std::vector<std::string> paths() const;
  const HfConfig& config() const { return config_; }
  const HfTokenizer& tokenizer() const { return tokenizer_; }
  const std::vector<HfSourceTensor>& tensors() const { return tensors_; }
  const SafetensorsModel& files() const { return files_; }
  // Of packed matrices; direct where there are none.
  HfScale scale_meaning() const { return scale_meaning_; }
  bool packed() const { return packed_; }
  // What was decided and left out, one sentence each.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  HfModel(std::string name, std::string directory, HfConfig config, HfTokenizer tokenizer, SafetensorsModel files)
      : name_(std::move(name)),
        directory_(std::move(directory)),
        config_(std::move(config)),
        tokenizer_(std::move(tokenizer)),
        files_(std::move(files)) {}

  absl::StatusOr<bool> HasOwnHead();
  absl::Status BindTensors();
  absl::Status CheckShape(const HfSourceTensor& source) const;
  absl::Status CheckNothingLeft() const;
  absl::Status ChooseScale(std::optional<HfScale> weight_scale);

  std::string name_;
  std::string directory_;
  HfConfig config_;
  HfTokenizer tokenizer_;
  SafetensorsModel files_;
  std::vector<HfSourceTensor> tensors_;
  HfScale scale_meaning_ = HfScale::kDirect;
  bool packed_ = false;
  std::vector<std::string> notes_;
};

}  // namespace bitnet

#endif  // BITNET_HF_HF_MODEL_H_
