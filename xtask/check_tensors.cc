#include "xtask/check_tensors.h"

#include <algorithm>
#include <array>
#include <cfloat>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/convert/projection_name.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/quantize.h"
#include "bitnet/tensor/tensor_type.h"
#include "bitnet/ternary_file/format_keys.h"
#include "xtask/foreign_types.h"

namespace bitnet::xtask {
namespace {

// Published scales lie between 0.01 and 100; weights 10^4 apart from that are a wrong byte order or a wrong place.
constexpr float kHugeScale = 1e6f;

void Fail(CheckedTensor& checked, Remedy remedy, std::string problem, std::string advice = "") {
  checked.remedy = remedy;
  checked.problem = std::move(problem);
  checked.advice = std::move(advice);
}

void CountSigns(const FloatView& values, IsaSet isa, TensorFindings& findings) {
  std::array<float, 4096> scratch;
  for (uint64_t begin = 0; begin < values.size(); begin += scratch.size()) {
    const uint64_t count = std::min<uint64_t>(scratch.size(), values.size() - begin);
    for (const float value : values.Read(begin, count, isa, scratch)) {
      findings.minus += value < 0 ? 1 : 0;
      findings.plus += value > 0 ? 1 : 0;
    }
  }
  findings.zero = values.size() - findings.minus - findings.plus;
}

// Architectures whose type 39 is Microsoft's TL2, where size does not decide.
bool IsTernaryFamily(const GgufFile& directory) {
  const absl::StatusOr<std::string_view> name = directory.GetString("general.architecture");
  return name.ok() && absl::StartsWith(*name, "bitnet");
}

class TensorChecker {
 public:
  TensorChecker(const GgufFile& directory, std::span<const uint8_t> bytes, std::span<const TernaryTensor> ternary)
      : directory_(directory), bytes_(bytes), ternary_(ternary), isa_(DetectIsaSet()) {
    for (const GgufTensor& tensor : directory.tensors()) offsets_.push_back(tensor.offset);
    std::sort(offsets_.begin(), offsets_.end());
  }

  CheckedTensor Check(const GgufTensor& tensor) const {
    CheckedTensor checked;
    checked.name = std::string(tensor.name);
    checked.dims = tensor.dims;
    checked.claimed_type = checked.actual_type = TensorTypeName(tensor.type_id);
    const TensorRoom room = RoomOf(tensor);
    checked.bytes = room.bytes;
    if (IsWhatItClaims(tensor, room, checked)) CheckContents(tensor, checked);
    if (checked.remedy == Remedy::kNone) CheckPlace(tensor, checked);
    return checked;
  }

 private:
  TensorRoom RoomOf(const GgufTensor& tensor) const {
    const uint64_t data = bytes_.size() > directory_.data_offset() ? bytes_.size() - directory_.data_offset() : 0;
    const auto next = std::upper_bound(offsets_.begin(), offsets_.end(), tensor.offset);
    const uint64_t end = next == offsets_.end() ? data : std::min(*next, data);
    return {.elements = tensor.elements(),
            .row_length = tensor.dims[0],
            .bytes = end > tensor.offset ? end - tensor.offset : 0,
            .alignment = directory_.alignment()};
  }

  // By number and size. False, with what it is instead, when it is of no type of ours.
  bool IsWhatItClaims(const GgufTensor& tensor, const TensorRoom& room, CheckedTensor& checked) const {
    const std::vector<TypeReading> fits = ReadingsThatFit(tensor.type_id, room);
    const std::vector<TypeReading> all = ReadingsOf(tensor.type_id);
    if (!fits.empty()) {
      const bool family_decides = fits.size() > 1 && fits.front().ours() && !IsTernaryFamily(directory_);
      const TypeReading& reading = family_decides ? fits.back() : fits.front();
      if (reading.ours()) return true;
      Foreign(tensor, room, reading, fits.size() > 1, checked);
      return false;
    }
    if (!all.empty() && all.front().ours() && FillsLess(tensor, room)) {
      const std::string plain = PlainTypeThatFits(room);
      if (plain.empty()) {
        checked.warnings.push_back("more bytes than its type needs lie between it and the next tensor");
        return true;
      }
      checked.actual_type = plain;
      Fail(checked, Remedy::kImpossible,
           absl::StrCat("labelled ", checked.claimed_type, ", but its ", room.bytes, " bytes are those of ", plain),
           "the converter that wrote it kept the label of another file: convert the original checkpoint instead");
      return false;
    }
    NoReading(tensor, room, all, checked);
    return false;
  }

  bool FillsLess(const GgufTensor& tensor, const TensorRoom& room) const {
    const absl::StatusOr<uint64_t> size =
        TensorSizeInBytes(*TensorTypeFromId(tensor.type_id), room.elements, room.row_length);
    return size.ok() && *size <= room.bytes;
  }

  static void Foreign(const GgufTensor& tensor, const TensorRoom& room, const TypeReading& reading, bool ambiguous,
                      CheckedTensor& checked) {
    const std::string label = checked.claimed_type;
    checked.actual_type = reading.name;
    const bool shared = TensorTypeFromId(tensor.type_id).has_value();
    Fail(checked, Remedy::kImpossible,
         absl::StrCat("type ", tensor.type_id, " is ", reading.name, " of ", reading.origin,
                      shared ? absl::StrCat(" here, not ", label, ", as ",
                                            ambiguous ? "general.architecture says (the size fits both)"
                                                      : absl::StrCat("its ", room.bytes, " bytes say"))
                             : ""),
         std::string(reading.advice));
  }

  static void NoReading(const GgufTensor& tensor, const TensorRoom& room, const std::vector<TypeReading>& all,
                        CheckedTensor& checked) {
    checked.actual_type = "unknown";
    if (all.empty()) {
      Fail(checked, Remedy::kImpossible, absl::StrCat("type ", tensor.type_id, " is of no program known here"),
           "find out which program wrote the file, and get the checkpoint that it was made of");
      return;
    }
    const auto name = [](std::string* out, const TypeReading& reading) {
      absl::StrAppend(out, reading.name, reading.ours() ? "" : " of ", reading.origin);
    };
    const std::string plain = PlainTypeThatFits(room);
    if (!plain.empty()) checked.actual_type = plain;
    Fail(checked, Remedy::kImpossible,
         absl::StrCat("type ", tensor.type_id, " is ", absl::StrJoin(all, " or ", name), "; rows of ", room.row_length,
                      " and ", room.bytes, " bytes up to the next tensor fit none of them",
                      plain.empty() ? "" : absl::StrCat(", but ", plain)),
         "the file is cut off, or its directory is wrong: fetch or convert it again");
  }

  const TernaryTensor* Known(const GgufTensor& tensor) const {
    for (const TernaryTensor& known : ternary_) {
      if (known.tensor == &tensor) return &known;
    }
    return nullptr;
  }

  void CheckContents(const GgufTensor& tensor, CheckedTensor& checked) const {
    const TensorType type = *TensorTypeFromId(tensor.type_id);
    const std::span<const uint8_t> data = TensorBytes(directory_, bytes_, tensor);
    if (const TernaryCodec* codec = TernaryCodecOfType(type)) {
      CheckTernary(tensor, *codec, data, checked);
      return;
    }
    if (type != TensorType::kF32 && type != TensorType::kF16 && type != TensorType::kBf16) return;
    const absl::StatusOr<FloatView> values = FloatView::FromBytes(type, data);
    if (!values.ok()) return;  // sizes are checked: not reached
    if (IsProjectionName(tensor.name) && tensor.dims.size() == 2) {
      CheckFloatProjection(*values, isa_, checked);
    } else if (const absl::StatusOr<float> scale = QuantizationScale(*values, QuantizeMethod::kAbsmax, isa_);
               !scale.ok()) {
      Fail(checked, Remedy::kImpossible, std::string(scale.status().message()), "the file is damaged");
    }
  }

  void CheckTernary(const GgufTensor& tensor, const TernaryCodec& codec, std::span<const uint8_t> data,
                    CheckedTensor& checked) const {
    TernaryTensor described = {.tensor = &tensor,
                               .codec = &codec,
                               .rows = static_cast<int64_t>(tensor.elements() / tensor.dims[0]),
                               .cols = static_cast<int64_t>(tensor.dims[0])};
    if (const TernaryTensor* known = Known(tensor)) {
      described = *known;
    } else if (NeedsTilings(codec)) {
      Fail(checked, Remedy::kKernelConfig, "the tiling of its tiles is not in the file",
           "find the kernel_config.ini that it was made with");
      return;
    } else if (codec.scale_form == ScaleForm::kOutside) {
      Fail(checked, Remedy::kImpossible, "it holds no scale, and the metadata of the file has none",
           "convert the original file again");
      return;
    }
    checked.findings = ProbeTernary(described, data);
    if (!checked.findings.problem.empty()) {
      if (described.codec->type == TensorType::kI2S) checked.actual_type = checked.findings.actual_type;
      Fail(checked, Remedy::kImpossible, checked.findings.problem,
           "the file is damaged or not what it says: convert the original checkpoint again");
      return;
    }
    if (std::string warning = ScaleWarning(checked.findings); !warning.empty()) {
      checked.warnings.push_back(std::move(warning));
    }
  }

  // Types that the loader takes in each place.
  static void CheckPlace(const GgufTensor& tensor, CheckedTensor& checked) {
    const TensorType type = *TensorTypeFromId(tensor.type_id);
    const bool ternary = TernaryCodecOfType(type) != nullptr;
    if (IsProjectionName(tensor.name)) {
      if (!ternary) Fail(checked, Remedy::kImpossible, "a projection must be ternary");
    } else if (tensor.name == "token_embd.weight" || tensor.name == "output.weight") {
      if (type == TensorType::kF16) return;
      Fail(checked, Remedy::kImpossible, "the embedding and the head must be F16",
           "make the file again with that type for them (llama.cpp: --token-embedding-type f16 --output-tensor-type "
           "f16), or convert the Hugging Face checkpoint with xtask");
    } else if (absl::EndsWith(tensor.name, "_norm.weight") && type != TensorType::kF32) {
      Fail(checked, Remedy::kImpossible, "norms must be F32", "convert the Hugging Face checkpoint with xtask");
    }
  }

  const GgufFile& directory_;
  const std::span<const uint8_t> bytes_;
  const std::span<const TernaryTensor> ternary_;
  const IsaSet isa_;
  std::vector<uint64_t> offsets_;  // ascending
};

}  // namespace

std::string ScaleWarning(const TensorFindings& findings) {
  if (findings.scale == 0 && findings.minus + findings.plus > 0) {
    return "scale 0: every weight is 0, whatever its trit";
  }
  if (findings.scale > 0 && findings.scale < FLT_MIN) {
    return absl::StrCat("scale ", findings.scale, " is subnormal: not one of a trained model");
  }
  if (findings.scale > kHugeScale) return absl::StrCat("scale ", findings.scale, " is huge: not one of a trained model");
  return "";
}

void CheckFloatProjection(const FloatView& values, IsaSet isa, CheckedTensor& checked) {
  const absl::StatusOr<float> scale = TernaryScale(values, isa);
  if (scale.ok()) {
    CountSigns(values, isa, checked.findings);
    checked.findings.ternary = true;
    checked.findings.scale = *scale;
    checked.actual_type = absl::StrCat(checked.claimed_type, ", exactly ternary");
    Fail(checked, Remedy::kConvert, absl::StrCat("floats that are all -s, 0 or +s with s = ", *scale),
         "a ternary format holds them exactly");
    if (std::string warning = ScaleWarning(checked.findings); !warning.empty()) {
      checked.warnings.push_back(std::move(warning));
    }
    return;
  }
  if (!QuantizationScale(values, QuantizeMethod::kAbsmax, isa).ok()) {
    Fail(checked, Remedy::kImpossible, std::string(scale.status().message()), "the file is damaged");
    return;
  }
  Fail(checked, Remedy::kQuantize, absl::StrCat("not ternary: ", scale.status().message()),
       "master weights of ternary training become ternary by --quantize absmean, as in training; any other model "
       "becomes another one, with the error that convert reports");
}

std::span<const uint8_t> TensorBytes(const GgufFile& directory, std::span<const uint8_t> bytes,
                                     const GgufTensor& tensor) {
  const std::optional<TensorType> type = TensorTypeFromId(tensor.type_id);
  if (!type) return {};
  const absl::StatusOr<uint64_t> size = TensorSizeInBytes(*type, tensor.elements(), tensor.dims[0]);
  if (!size.ok() || bytes.size() < directory.data_offset()) return {};
  const std::span<const uint8_t> data = bytes.subspan(directory.data_offset());
  if (tensor.offset > data.size() || *size > data.size() - tensor.offset) return {};
  return data.subspan(tensor.offset, *size);
}

std::vector<CheckedTensor> CheckTensors(const GgufFile& directory, std::span<const uint8_t> bytes,
                                        std::span<const TernaryTensor> ternary) {
  const TensorChecker checker(directory, bytes, ternary);
  std::vector<CheckedTensor> checked;
  checked.reserve(directory.tensors().size());
  for (const GgufTensor& tensor : directory.tensors()) checked.push_back(checker.Check(tensor));
  return checked;
}

}  // namespace bitnet::xtask
