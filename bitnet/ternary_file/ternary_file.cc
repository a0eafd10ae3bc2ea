#include "bitnet/ternary_file/ternary_file.h"

#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/quant/ternary_scale.h"
#include "bitnet/tensor/tensor_type.h"
#include "bitnet/ternary_file/format_keys.h"

namespace bitnet {
namespace {

template <typename T>
std::vector<T> Numbers(const GgufArray& array) {
  std::vector<T> numbers(array.count);
  if (!numbers.empty()) std::memcpy(numbers.data(), array.raw.data(), array.raw.size());
  return numbers;
}

std::string CodecNames() {
  return absl::StrJoin(TernaryCodecs(), ", ",
                       [](std::string* out, const TernaryCodec& codec) { out->append(codec.name); });
}

// Names are outside text: they may hold control characters of terminals.
std::string Shown(const GgufTensor& tensor) { return absl::Utf8SafeCHexEscape(tensor.name); }

absl::Status ForTensor(const GgufTensor& tensor, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("tensor ", Shown(tensor), ": ", status.message()));
}

class Finder {
 public:
  Finder(const GgufFile& file, const TernaryFileHints& hints) : file_(file), hints_(hints) {}

  absl::StatusOr<std::vector<TernaryTensor>> Find() {
    BITNET_ASSIGN_OR_RETURN(const TernaryCodec* named, NamedCodec());
    for (size_t i = 0; i < file_.tensors().size(); ++i) BITNET_RETURN_IF_ERROR(AddTensor(i, named));
    BITNET_RETURN_IF_ERROR(ReadScales());
    BITNET_RETURN_IF_ERROR(ReadTilings());
    for (const TernaryTensor& found : found_) {
      const absl::Status fits = found.codec->check_shape(found.rows, found.cols, found.Params({Isa::kScalar}));
      if (!fits.ok()) return ForTensor(*found.tensor, fits);
    }
    return std::move(found_);
  }

 private:
  // What metadata or the hint says; nullptr when neither does.
  absl::StatusOr<const TernaryCodec*> NamedCodec() const {
    if (file_.Find(kTernaryFormatKey) == nullptr) return hints_.codec;
    BITNET_ASSIGN_OR_RETURN(const std::string_view name, file_.GetString(kTernaryFormatKey));
    const TernaryCodec* codec = FindTernaryCodec(name);
    if (codec == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("metadata key ", kTernaryFormatKey, ": expected one of ",
                                                     CodecNames(), "; got \"", absl::CHexEscape(name.substr(0, 80)),
                                                     "\""));
    }
    if (hints_.codec != nullptr && hints_.codec != codec) {
      return absl::InvalidArgumentError(absl::StrCat("the file says ", kTernaryFormatKey, " ", codec->name,
                                                     ", the caller says ", hints_.codec->name));
    }
    return codec;
  }

  absl::Status AddTensor(size_t index, const TernaryCodec* named) {
    const GgufTensor& tensor = file_.tensors()[index];
    const std::optional<TensorType> type = TensorTypeFromId(tensor.type_id);
    const TernaryCodec* codec = type ? TernaryCodecOfType(*type) : nullptr;
    if (codec == nullptr) return absl::OkStatus();
    if (named != nullptr && named->type != *type) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor ", Shown(tensor), " is ", TensorTypeName(tensor.type_id), ", but ",
                       file_.Find(kTernaryFormatKey) != nullptr ? kTernaryFormatKey : "the caller", " says ",
                       named->name, " for every ternary tensor"));
    }
    TernaryTensor found;
    found.index = index;
    found.tensor = &tensor;
    found.codec = named != nullptr ? named : codec;
    found.cols = static_cast<int64_t>(tensor.dims[0]);
    found.rows = static_cast<int64_t>(tensor.elements()) / found.cols;
    found_.push_back(found);
    return absl::OkStatus();
  }

  absl::Status Unexpected(std::string_view key, std::string_view why) const {
    return absl::InvalidArgumentError(absl::StrCat("metadata key ", key, ": not expected, ", why));
  }

  absl::Status ReadScales() {
    bool tail = false;
    for (const TernaryTensor& found : found_) {
      tail |= found.codec->scale_form == ScaleForm::kTail;
      if (found.codec->scale_form == ScaleForm::kOutside && file_.Find(kTernaryScalesKey) == nullptr) {
        return absl::FailedPreconditionError(
            absl::StrCat("tensor ", Shown(*found.tensor), " is ", found.codec->name,
                         ", which has no scale of its own, and the file has no metadata key ", kTernaryScalesKey,
                         ": it cannot be read"));
      }
    }
    if (file_.Find(kTernaryScalesKey) == nullptr) return absl::OkStatus();
    if (tail) return Unexpected(kTernaryScalesKey, "for these tensors hold their scales exactly");
    BITNET_ASSIGN_OR_RETURN(const GgufArray* array, file_.GetArray(kTernaryScalesKey, GgufType::kF32));
    if (array->count != found_.size()) {
      return absl::InvalidArgumentError(absl::StrCat("metadata key ", kTernaryScalesKey, ": expected ", found_.size(),
                                                     " scales, one for each ternary tensor, got ", array->count));
    }
    const std::vector<float> scales = Numbers<float>(*array);
    for (size_t i = 0; i < scales.size(); ++i) {
      if (!IsTernaryScale(scales[i])) {
        return absl::InvalidArgumentError(absl::StrCat("metadata key ", kTernaryScalesKey, ": item ", i, " (",
                                                       Shown(*found_[i].tensor),
                                                       "): expected a finite number >= 0, got ", scales[i]));
      }
      found_[i].exact_scale = scales[i];
      found_[i].has_exact_scale = true;
    }
    return absl::OkStatus();
  }

  absl::Status ReadTilings() {
    const TernaryTensor* needs = nullptr;
    for (const TernaryTensor& found : found_) {
      if (needs == nullptr && NeedsTilings(*found.codec)) needs = &found;
    }
    const bool stored = file_.Find(kTernaryTilingsKey) != nullptr;
    if (needs == nullptr) {
      return stored ? Unexpected(kTernaryTilingsKey, "no tensor is TL1 or TL2") : absl::OkStatus();
    }
    if (!stored && hints_.tilings.empty()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "tensor ", Shown(*needs->tensor), " is ", needs->codec->name,
          ", whose tiling is in a kernel_config.ini and not ", "in the file (no metadata key ", kTernaryTilingsKey,
          "): find the configuration that the file was made with, then `xtask convert --kernel-config FILE`"));
    }
    std::vector<TlTiling> tilings(hints_.tilings.begin(), hints_.tilings.end());
    if (stored) {
      BITNET_ASSIGN_OR_RETURN(tilings, StoredTilings());
    }
    std::vector<bool> used(tilings.size());
    for (TernaryTensor& found : found_) {
      if (!NeedsTilings(*found.codec)) continue;
      BITNET_ASSIGN_OR_RETURN(const TlTiling* tiling, TilingOf(found, tilings, stored));
      found.tiling = *tiling;
      used[static_cast<size_t>(tiling - tilings.data())] = true;
    }
    for (size_t i = 0; stored && i < used.size(); ++i) {
      if (used[i]) continue;
      return absl::InvalidArgumentError(absl::StrCat("metadata key ", kTernaryTilingsKey, ": tiling ", i, " is for ",
                                                     tilings[i].rows, " x ", tilings[i].cols,
                                                     ", which no ternary tensor is"));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<TlTiling>> StoredTilings() const {
    BITNET_ASSIGN_OR_RETURN(const GgufArray* array, file_.GetArray(kTernaryTilingsKey, GgufType::kI32));
    absl::StatusOr<std::vector<TlTiling>> tilings = TilingsFromInts(Numbers<int32_t>(*array));
    if (!tilings.ok()) {
      return absl::Status(tilings.status().code(),
                          absl::StrCat("metadata key ", kTernaryTilingsKey, ": ", tilings.status().message()));
    }
    return tilings;
  }

  static absl::StatusOr<const TlTiling*> TilingOf(const TernaryTensor& found, std::span<const TlTiling> tilings,
                                                  bool stored) {
    const TlTiling* tiling = FindTiling(tilings, found.rows, found.cols);
    if (tiling != nullptr) return tiling;
    const std::string message = absl::StrCat(
        "tensor ", Shown(*found.tensor), " is ", found.rows, " x ", found.cols, "; expected a tiling of that shape in ",
        stored ? kTernaryTilingsKey : "the kernel configuration", ", which has ", tilings.size(), " others");
    if (stored) return absl::InvalidArgumentError(message);
    return absl::FailedPreconditionError(message);
  }

  const GgufFile& file_;
  const TernaryFileHints& hints_;
  std::vector<TernaryTensor> found_;
};

}  // namespace

CodecParams TernaryTensor::Params(IsaSet isa) const {
  CodecParams params;
  if (NeedsTilings(*codec)) params.tiling = &tiling;
  params.isa = isa;
  params.exact_scale = exact_scale;
  params.has_exact_scale = has_exact_scale;
  return params;
}

absl::StatusOr<std::vector<TernaryTensor>> FindTernaryTensors(const GgufFile& file, const TernaryFileHints& hints) {
  return Finder(file, hints).Find();
}

}  // namespace bitnet
