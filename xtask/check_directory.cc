#include "xtask/check_directory.h"

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/hf/hf_config.h"
#include "bitnet/hf/hf_floats.h"
#include "bitnet/hf/hf_model.h"
#include "bitnet/hf/hf_trits.h"
#include "bitnet/kernels/catalog/architecture.h"
#include "bitnet/quant/float_view.h"
#include "xtask/check_tensors.h"

namespace bitnet::xtask {
namespace {

void AddConfigFacts(const HfConfig& config, CheckReport& report) {
  report.facts.emplace_back("architecture", absl::StrCat("model_type ", config.model_type, ", in a GGUF file ",
                                                         config.architecture->name, ": ", config.layers, " blocks of ",
                                                         config.hidden, " x ", config.ffn));
  if (!config.quantization) {
    report.facts.emplace_back("quantization", "none in config.json: the weights are floats, or what a weight_scale "
                                              "means has to be said with --weight-scale");
    return;
  }
  const HfQuantization& quantization = *config.quantization;
  report.facts.emplace_back(
      "quantization",
      quantization.online
          ? "bitnet, online: the weights are floats, made ternary in every pass"
          : absl::StrCat("bitnet, ", quantization.linear_class, quantization.linear_class_given ? "" : " (by default)",
                         ": scales are ", HfScaleName(quantization.scale())));
}

void CheckPacked(const HfModel& model, const HfSourceTensor& source, CheckedTensor& checked) {
  const int64_t rows = static_cast<int64_t>(source.tensor.rows), cols = static_cast<int64_t>(source.tensor.cols);
  AlignedBuffer<int8_t> trits(static_cast<size_t>(rows * cols));
  const absl::Status unpacked =
      UnpackHfTrits(source.weight->data, rows, cols, source.tensor.hf_name, trits.span());
  const absl::StatusOr<float> scale = ReadHfScale(*source.scale, model.scale_meaning());
  if (!unpacked.ok() || !scale.ok()) {
    checked.remedy = Remedy::kImpossible;
    checked.problem = std::string((unpacked.ok() ? scale.status() : unpacked).message());
    return;
  }
  checked.remedy = Remedy::kConvert;
  checked.findings.ternary = true;
  checked.findings.scale = *scale;
  for (const int8_t trit : trits.span()) {
    checked.findings.minus += trit < 0 ? 1 : 0;
    checked.findings.plus += trit > 0 ? 1 : 0;
  }
  checked.findings.zero = trits.span().size() - checked.findings.minus - checked.findings.plus;
  if (std::string warning = ScaleWarning(checked.findings); !warning.empty()) {
    checked.warnings.push_back(std::move(warning));
  }
}

CheckedTensor CheckTensor(const HfModel& model, const HfSourceTensor& source) {
  CheckedTensor checked;
  checked.name = source.tensor.hf_name;
  checked.dims = source.weight->shape;
  checked.claimed_type = checked.actual_type = std::string(SafetensorsDtypeName(source.weight->dtype));
  checked.bytes = source.weight->data.size();
  if (source.tensor.role != HfRole::kProjection) return checked;
  if (source.scale != nullptr) {
    CheckPacked(model, source, checked);
    return checked;
  }
  const absl::StatusOr<TensorType> type = HfFloatType(*source.weight);
  if (!type.ok()) {
    checked.remedy = Remedy::kImpossible;
    checked.problem = std::string(type.status().message());
    return checked;
  }
  const absl::StatusOr<FloatView> values = FloatView::FromBytes(*type, source.weight->data);
  if (values.ok()) CheckFloatProjection(*values, DetectIsaSet(), checked);
  // Floats that are ternary are what a conversion expects here, nothing that is wrong.
  if (checked.remedy == Remedy::kConvert) checked.problem = checked.advice = "";
  return checked;
}

// `said`: config.json says what the scales of packed matrices mean, or there are none.
void Decide(bool said, CheckReport& report) {
  const CheckedTensor* impossible = nullptr;
  bool quantize = false;
  for (const CheckedTensor& tensor : report.tensors) {
    if (tensor.remedy == Remedy::kImpossible && impossible == nullptr) impossible = &tensor;
    quantize |= tensor.remedy == Remedy::kQuantize;
  }
  if (impossible != nullptr) {
    report.reason = absl::StrCat(impossible->name, ": ", impossible->problem);
    return;
  }
  report.verdict = Verdict::kRunsAfterConvert;
  report.reason = quantize ? "matrices that are not ternary are made so as in training, which changes their weights"
                           : "every trit and scale stays the same";
  if (!said) {
    report.reason =
        "config.json does not say what the scales mean; where direct ones give nonsense, --weight-scale inverse";
  }
  std::string path = report.path;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  report.command = absl::StrCat("xtask convert ", ShellQuoted(path), " ", ShellQuoted(path + "-i2_s.gguf"),
                                " --to i2_s", said ? "" : " --weight-scale direct", quantize ? " --quantize absmean" : "",
                                " --verify");
}

}  // namespace

absl::StatusOr<CheckReport> CheckDirectory(const std::string& directory) {
  CheckReport report{.path = directory, .kind = "hugging_face_directory"};
  const absl::StatusOr<MappedFile> text = MappedFile::Open(absl::StrCat(directory, "/config.json"));
  if (!text.ok()) {
    return absl::NotFoundError(absl::StrCat(directory, ": a directory without config.json, so not a Hugging Face "
                                                       "model; for a GGUF file, name the file itself"));
  }
  const std::span<const uint8_t> bytes = text->bytes();
  const absl::StatusOr<HfConfig> config =
      ParseHfConfig({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!config.ok()) {
    report.reason = std::string(config.status().message());
    report.problems.push_back(report.reason);
    return report;
  }
  AddConfigFacts(*config, report);
  absl::StatusOr<HfModel> model = HfModel::Open(directory, std::nullopt);
  const bool said = !absl::IsFailedPrecondition(model.status());
  if (!said) model = HfModel::Open(directory, HfScale::kDirect);
  if (!model.ok()) {
    report.reason = std::string(model.status().message());
    report.problems.push_back(report.reason);
    return report;
  }
  report.facts.emplace_back("tokenizer", absl::StrCat("byte-level BPE, ", model->tokenizer().tokens.size(), " tokens, ",
                                                      model->tokenizer().merges.size(), " merges"));
  for (const std::string& note : model->notes()) report.facts.emplace_back("note", note);
  for (const HfSourceTensor& source : model->tensors()) report.tensors.push_back(CheckTensor(*model, source));
  Decide(said, report);
  return report;
}

}  // namespace bitnet::xtask
