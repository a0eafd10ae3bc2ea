// GgufSource: a GGUF file as the source of a conversion.

#ifndef BITNET_CONVERT_GGUF_SOURCE_H_
#define BITNET_CONVERT_GGUF_SOURCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/convert/model_source.h"
#include "bitnet/convert/rounding_notes.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/quant/quantize.h"
#include "bitnet/ternary_file/ternary_file.h"

namespace bitnet {

struct GgufSourceOptions {
  TernaryFileHints hints;  // what is known of the file besides its bytes
  // Projections in F32, F16 or BF16 whose values are not all -s, 0 or +s: made ternary by this method, or refused.
  std::optional<QuantizeMethod> quantize;
  IsaSet isa = {Isa::kScalar};
};

// Ternary are the tensors of a ternary type and the projections (IsProjectionName) in F32, F16 or BF16. Of the others,
// float tables (embedding and head) become F16 and float norms F32, which is what the engine reads; the rest is taken
// over byte for byte, pairs of metadata too.
class GgufSource : public ModelSource {
 public:
  // Errors of opening, parsing and FindTernaryTensors with the path; InvalidArgument for a file in which nothing is or
  // could be ternary and for a hint about the format where no tensor has one, Unimplemented for a tensor of a type of
  // unknown size and a projection of a type that is neither.
  static absl::StatusOr<std::unique_ptr<GgufSource>> Open(const std::string& path, const GgufSourceOptions& options);

  std::string format() const override;
  uint64_t bytes() const override { return file_.bytes().size(); }
  std::vector<std::string> inputs() const override { return {path_}; }
  const std::vector<SourceTensor>& tensors() const override { return tensors_; }
  void AddMetadata(GgufWriter& writer, absl::FunctionRef<void()> add_format_keys) const override;
  // For floats InvalidArgument names the first value that is not ternary, unless they are to be quantized.
  absl::StatusOr<TritsRead> ReadTrits(size_t tensor, std::span<int8_t> trits, MeasureError measure) const override;
  absl::Status ReadStored(size_t tensor, ByteSink sink) const override;
  // For each table that has been read and was not F16, what rounding did to it.
  std::vector<std::string> notes() const override;

 private:
  GgufSource(std::string path, MappedFile file, GgufFile gguf, const GgufSourceOptions& options)
      : path_(std::move(path)),
        file_(std::move(file)),
        gguf_(std::move(gguf)),
        isa_(options.isa),
        quantize_(options.quantize) {}

  absl::Status FindTensors(const TernaryFileHints& hints);

  std::string path_;
  MappedFile file_;
  GgufFile gguf_;  // views into file_
  IsaSet isa_;
  std::optional<QuantizeMethod> quantize_;
  std::vector<SourceTensor> tensors_;                  // as gguf_.tensors()
  std::vector<std::optional<TernaryTensor>> ternary_;  // the same indices; empty for stored tensors and float matrices
  mutable RoundingNotes roundings_;
};

}  // namespace bitnet

#endif  // BITNET_CONVERT_GGUF_SOURCE_H_
