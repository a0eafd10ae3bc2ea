// HfSource: a Hugging Face model directory as the source of a conversion.

#ifndef BITNET_CONVERT_HF_SOURCE_H_
#define BITNET_CONVERT_HF_SOURCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/convert/model_source.h"
#include "bitnet/convert/rounding_notes.h"
#include "bitnet/hf/hf_model.h"
#include "bitnet/quant/quantize.h"

namespace bitnet {

struct HfSourceOptions {
  std::optional<HfScale> weight_scale;     // what the scales of packed matrices mean; else as config.json says
  std::optional<QuantizeMethod> quantize;  // float matrices that are not ternary: made so, or refused
  IsaSet isa = {Isa::kScalar};
};

// Ternary are the seven projections of each block, packed or in floats; for architectures whose GGUF files have rope's
// rows interleaved, the rows of q and k are put in that order. Embedding and head become F16, norms F32.
class HfSource : public ModelSource {
 public:
  // Errors of HfModel::Open.
  static absl::StatusOr<std::unique_ptr<HfSource>> Open(const std::string& directory, const HfSourceOptions& options);

  std::string format() const override;
  uint64_t bytes() const override { return model_.files().bytes(); }
  std::vector<std::string> inputs() const override { return model_.paths(); }
  const std::vector<SourceTensor>& tensors() const override { return tensors_; }
  void AddMetadata(GgufWriter& writer, absl::FunctionRef<void()> add_format_keys) const override;
  absl::StatusOr<TritsRead> ReadTrits(size_t tensor, std::span<int8_t> trits, MeasureError measure) const override;
  absl::Status ReadStored(size_t tensor, ByteSink sink) const override;
  // Among them, for each table that has been read, what rounding to F16 did to it.
  std::vector<std::string> notes() const override;

 private:
  HfSource(HfModel model, const HfSourceOptions& options);
  // Whether the model makes its weights ternary by absmean in every pass.
  bool online() const;

  HfModel model_;
  HfSourceOptions options_;
  std::vector<SourceTensor> tensors_;  // as model_.tensors()
  mutable RoundingNotes roundings_;
};

}  // namespace bitnet

#endif  // BITNET_CONVERT_HF_SOURCE_H_
