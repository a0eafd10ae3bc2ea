#include "bitnet/convert/hf_source.h"

#include <set>
#include <string_view>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/convert/float_trits.h"
#include "bitnet/hf/hf_floats.h"
#include "bitnet/hf/hf_metadata.h"
#include "bitnet/hf/hf_trits.h"
#include "bitnet/quant/float_view.h"

namespace bitnet {

absl::StatusOr<std::unique_ptr<HfSource>> HfSource::Open(const std::string& directory, const HfSourceOptions& options) {
  BITNET_ASSIGN_OR_RETURN(HfModel model, HfModel::Open(directory, options.weight_scale));
  // Not make_unique: the constructor is private.
  return std::unique_ptr<HfSource>(new HfSource(std::move(model), options));
}

HfSource::HfSource(HfModel model, const HfSourceOptions& options) : model_(std::move(model)), options_(options) {
  for (const HfSourceTensor& source : model_.tensors()) {
    const HfTensor& tensor = source.tensor;
    SourceTensor out;
    out.name = tensor.gguf_name;
    out.dims = {tensor.cols};
    if (tensor.role != HfRole::kNorm) out.dims.push_back(tensor.rows);
    out.ternary = tensor.role == HfRole::kProjection;
    out.stored_type = tensor.role == HfRole::kTable ? TensorType::kF16 : TensorType::kF32;
    tensors_.push_back(std::move(out));
  }
}

std::string HfSource::format() const {
  std::set<std::string> names;
  for (const HfSourceTensor& source : model_.tensors()) {
    if (source.tensor.role != HfRole::kProjection) continue;
    names.insert(source.scale != nullptr
                     ? absl::StrCat("packed u8 with ", HfScaleName(model_.scale_meaning()), " scales")
                     : absl::AsciiStrToLower(SafetensorsDtypeName(source.weight->dtype)));
  }
  return absl::StrCat("safetensors ", absl::StrJoin(names, ", "));
}

void HfSource::AddMetadata(GgufWriter& writer, absl::FunctionRef<void()> add_format_keys) const {
  AddHfMetadata(model_, writer, add_format_keys);
}

absl::StatusOr<TritsRead> HfSource::ReadTrits(size_t tensor, std::span<int8_t> trits, MeasureError measure) const {
  const HfSourceTensor& source = model_.tensors()[tensor];
  const int64_t rows = static_cast<int64_t>(source.tensor.rows);
  const int64_t cols = static_cast<int64_t>(source.tensor.cols);
  TritsRead read;
  if (source.scale != nullptr) {
    BITNET_RETURN_IF_ERROR(UnpackHfTrits(source.weight->data, rows, cols, source.tensor.hf_name, trits));
    BITNET_ASSIGN_OR_RETURN(read.scale, ReadHfScale(*source.scale, model_.scale_meaning()));
  } else {
    BITNET_ASSIGN_OR_RETURN(const TensorType type, HfFloatType(*source.weight));
    BITNET_ASSIGN_OR_RETURN(const FloatView values, FloatView::FromBytes(type, source.weight->data));
    absl::StatusOr<TritsRead> floats =
        ReadFloatTrits(values, source.tensor.hf_name, options_.quantize, options_.isa, measure, trits);
    if (!floats.ok() && online() && !options_.quantize.has_value()) {
      return absl::Status(floats.status().code(),
                          absl::StrCat(floats.status().message(),
                                       "; config.json: quantization_mode is online, which is --quantize absmean"));
    }
    if (!floats.ok()) return floats.status();
    read = *std::move(floats);
  }
  const int64_t heads = static_cast<int64_t>(source.tensor.interleaved_heads);
  if (heads > 0) InterleaveRopeRows(trits, rows, cols, heads);
  return read;
}

absl::Status HfSource::ReadStored(size_t tensor, ByteSink sink) const {
  const HfSourceTensor& source = model_.tensors()[tensor];
  if (source.tensor.role == HfRole::kNorm) return WriteHfAsF32(*source.weight, sink);
  CHECK(source.tensor.role == HfRole::kTable) << source.tensor.hf_name;
  BITNET_ASSIGN_OR_RETURN(const F16Rounding rounding, WriteHfAsF16(*source.weight, sink));
  roundings_.Set(tensor, rounding);
  return absl::OkStatus();
}

bool HfSource::online() const {
  const std::optional<HfQuantization>& quantization = model_.config().quantization;
  return quantization.has_value() && quantization->online;
}

std::vector<std::string> HfSource::notes() const {
  std::vector<std::string> notes = model_.notes();
  if (online() && options_.quantize.has_value() && *options_.quantize != QuantizeMethod::kAbsmean) {
    notes.push_back(absl::StrCat(
        "config.json has quantization_mode online, which is absmean: matrices that are not ternary become, by ",
        QuantizeMethodName(*options_.quantize), ", another model than the one that was trained"));
  }
  roundings_.AppendTo(notes, tensors_);
  return notes;
}

}  // namespace bitnet
