#include "bitnet/convert/gguf_source.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/convert/float_trits.h"
#include "bitnet/convert/projection_name.h"
#include "bitnet/quant/float_view.h"
#include "bitnet/quant/write_floats.h"
#include "bitnet/ternary_file/format_keys.h"

namespace bitnet {
namespace {

bool IsFloat(TensorType type) {
  return type == TensorType::kF32 || type == TensorType::kF16 || type == TensorType::kBf16;
}

// Tables and norms of floats in the type that the engine reads; everything else as it is.
TensorType StoredType(const GgufTensor& tensor, TensorType type) {
  if (!IsFloat(type)) return type;
  const bool table = tensor.name == "token_embd.weight" || tensor.name == "output.weight";
  if (table && tensor.dims.size() == 2) return TensorType::kF16;
  if (absl::EndsWith(tensor.name, "norm.weight") && tensor.dims.size() == 1) return TensorType::kF32;
  return type;
}

absl::Status At(std::string_view path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<GgufSource>> GgufSource::Open(const std::string& path,
                                                             const GgufSourceOptions& options) {
  BITNET_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path));
  absl::StatusOr<GgufFile> gguf = GgufFile::Parse(file.bytes());
  if (!gguf.ok()) return At(path, gguf.status());
  // Not make_unique: the constructor is private.
  std::unique_ptr<GgufSource> source(new GgufSource(path, std::move(file), *std::move(gguf), options));
  const absl::Status found = source->FindTensors(options.hints);
  if (!found.ok()) return At(path, found);
  return source;
}

absl::Status GgufSource::FindTensors(const TernaryFileHints& hints) {
  BITNET_ASSIGN_OR_RETURN(const std::vector<TernaryTensor> ternary, FindTernaryTensors(gguf_, hints));
  if (hints.codec != nullptr && ternary.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the caller says ", hints.codec->name, ", but no tensor is of a ternary type"));
  }
  ternary_.resize(gguf_.tensors().size());
  for (const TernaryTensor& found : ternary) ternary_[found.index] = found;
  bool any = false;
  for (size_t i = 0; i < gguf_.tensors().size(); ++i) {
    const GgufTensor& tensor = gguf_.tensors()[i];
    const std::string shown = absl::Utf8SafeCHexEscape(tensor.name);
    const std::optional<TensorType> type = TensorTypeFromId(tensor.type_id);
    if (!type) {
      return absl::UnimplementedError(absl::StrCat("tensor ", shown, " is of ", TensorTypeName(tensor.type_id),
                                                   ", whose size is not known: it cannot be taken over"));
    }
    const bool projection = IsProjectionName(tensor.name) && tensor.dims.size() == 2;
    if (projection && !ternary_[i] && !IsFloat(*type)) {
      return absl::UnimplementedError(absl::StrCat("tensor ", shown, " is ", TensorTypeName(tensor.type_id),
                                                   "; expected a ternary type, F32, F16 or BF16"));
    }
    SourceTensor source{std::string(tensor.name), tensor.dims, ternary_[i].has_value() || projection,
                        StoredType(tensor, *type)};
    any |= source.ternary;
    tensors_.push_back(std::move(source));
  }
  if (any) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "no tensor is of a ternary type or one of the projections attn_q, attn_k, attn_v, attn_output, ffn_gate, ffn_up, "
      "ffn_down: there is nothing to convert");
}

std::string GgufSource::format() const {
  std::vector<std::string> names;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    if (!tensors_[i].ternary) continue;
    std::string name = ternary_[i] ? std::string(ternary_[i]->codec->name)
                                   : absl::AsciiStrToLower(TensorTypeName(gguf_.tensors()[i].type_id));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return absl::StrJoin(names, ", ");
}

void GgufSource::AddMetadata(GgufWriter& writer, absl::FunctionRef<void()> add_format_keys) const {
  writer.SetAlignment(gguf_.alignment());
  bool added = false;
  for (size_t i = 0; i < gguf_.metadata().size(); ++i) {
    const std::string_view key = gguf_.metadata()[i].first;
    if (!IsFormatKey(key)) {
      writer.AddRaw(key, gguf_.raw_values()[i]);
    } else if (!added) {
      // Where the first of them stood, so that a file converted there and back is the same file.
      add_format_keys();
      added = true;
    }
  }
  if (!added) add_format_keys();
}

absl::StatusOr<TritsRead> GgufSource::ReadTrits(size_t tensor, std::span<int8_t> trits, MeasureError measure) const {
  const GgufTensor& stored = gguf_.tensors()[tensor];
  const std::string shown = tensors_[tensor].shown();
  if (!ternary_[tensor]) {
    BITNET_ASSIGN_OR_RETURN(const FloatView values,
                            FloatView::FromBytes(*TensorTypeFromId(stored.type_id), stored.data));
    return ReadFloatTrits(values, shown, quantize_, isa_, measure, trits);
  }
  const TernaryTensor& found = *ternary_[tensor];
  BITNET_ASSIGN_OR_RETURN(const float scale,
                          found.codec->unpack(stored.data, found.rows, found.cols, found.Params(isa_), shown, trits));
  return TritsRead{.scale = scale};
}

absl::Status GgufSource::ReadStored(size_t tensor, ByteSink sink) const {
  const GgufTensor& stored = gguf_.tensors()[tensor];
  const TensorType type = *TensorTypeFromId(stored.type_id);
  if (tensors_[tensor].stored_type == type) return sink(stored.data);
  const std::string shown = tensors_[tensor].shown();
  if (tensors_[tensor].stored_type == TensorType::kF32) return WriteAsF32(type, stored.data, shown, sink);
  BITNET_ASSIGN_OR_RETURN(const F16Rounding rounding, WriteAsF16(type, stored.data, shown, sink));
  roundings_.Set(tensor, rounding);
  return absl::OkStatus();
}

std::vector<std::string> GgufSource::notes() const {
  std::vector<std::string> notes;
  roundings_.AppendTo(notes, tensors_);
  return notes;
}

}  // namespace bitnet
