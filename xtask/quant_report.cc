#include "xtask/quant_report.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/quantize_matrix.h"
#include "bitnet/quant/tl_tiling.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet::xtask {
namespace {

struct Case {
  WeightPattern weights;
  QuantizeMethod method;
};

constexpr Case kCases[] = {{WeightPattern::kTernary, QuantizeMethod::kAbsmax},
                           {WeightPattern::kGaussian, QuantizeMethod::kAbsmean},
                           {WeightPattern::kGaussian, QuantizeMethod::kAbsmax},
                           {WeightPattern::kSine, QuantizeMethod::kAbsmean},
                           {WeightPattern::kSparse, QuantizeMethod::kAbsmean}};

// A matrix of weights and what the quantizer makes of it.
struct Sample {
  Case of;
  std::vector<float> values;
  std::vector<int8_t> trits;
  float scale = 0;
};

absl::StatusOr<Sample> MakeSample(const Case& of, const QuantReportOptions& options) {
  Sample sample{of, std::vector<float>(static_cast<size_t>(options.rows * options.cols)), {}, 0};
  FillPattern(of.weights, options.seed, sample.values);
  sample.trits.resize(sample.values.size());
  BITNET_ASSIGN_OR_RETURN(sample.scale, QuantizeToTrits(sample.values, of.method, options.isa, sample.trits));
  return sample;
}

// The generator's own trits, which the quantizer must find again.
std::vector<int8_t> Signs(std::span<const float> values) {
  std::vector<int8_t> signs(values.size());
  for (size_t i = 0; i < values.size(); ++i) signs[i] = static_cast<int8_t>((values[i] > 0) - (values[i] < 0));
  return signs;
}

bool SameBits(float a, float b) { return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b); }

absl::StatusOr<QuantReportRow> MakeRow(const TernaryCodec& codec, const CodecParams& params, const Sample& sample,
                                       const QuantReportOptions& options) {
  QuantReportRow row{codec.name, sample.of.weights, sample.of.method, "", sample.trits.size()};
  std::vector<uint8_t> data(codec.size(options.rows, options.cols));
  const absl::StatusOr<float> scale =
      Quantize(codec, sample.values, options.rows, options.cols, sample.of.method, params, data);
  if (!scale.ok()) {
    row.refusal = std::string(scale.status().message());
    return row;
  }
  row.scale = *scale;
  row.bits_per_weight = 8 * static_cast<double>(data.size()) / static_cast<double>(row.trits);
  std::vector<int8_t> trits(sample.trits.size());
  const absl::StatusOr<float> alone = codec.unpack(data, options.rows, options.cols, params, codec.name, trits);
  if (alone.ok()) row.scale_stored = *alone;
  CodecParams with_metadata = params;
  with_metadata.exact_scale = *scale;
  with_metadata.has_exact_scale = codec.scale_form != ScaleForm::kTail;
  BITNET_ASSIGN_OR_RETURN(const float read,
                          codec.unpack(data, options.rows, options.cols, with_metadata, codec.name, trits));
  row.scale_exact = SameBits(read, sample.scale) && SameBits(*scale, sample.scale);
  const bool made_of_trits = row.weights == WeightPattern::kTernary || row.weights == WeightPattern::kBinary;
  const std::vector<int8_t> expected = made_of_trits ? Signs(sample.values) : sample.trits;
  for (size_t i = 0; i < trits.size(); ++i) row.trits_exact += trits[i] == expected[i] ? 1 : 0;
  BITNET_ASSIGN_OR_RETURN(row.error, MeasureQuantization(codec, sample.values, data, options.rows, options.cols,
                                                         with_metadata, codec.name));
  return row;
}

absl::StatusOr<std::vector<const TernaryCodec*>> Formats(const QuantReportOptions& options) {
  std::vector<const TernaryCodec*> codecs;
  std::string names;
  for (const TernaryCodec& codec : TernaryCodecs()) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", codec.name);
    if (options.formats.empty()) codecs.push_back(&codec);
  }
  for (const std::string& name : options.formats) {
    codecs.push_back(FindTernaryCodec(name));
    if (codecs.back() == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("unknown format \"", name, "\"; known: ", names));
    }
  }
  return codecs;
}

absl::StatusOr<CodecParams> ParamsOf(const TernaryCodec& codec, const QuantReportOptions& options,
                                     std::optional<TlTiling>& tiling) {
  CodecParams params;
  params.isa = options.isa;
  if (codec.type == TensorType::kTl1 || codec.type == TensorType::kTl2) {
    tiling = codec.type == TensorType::kTl1 ? DefaultTl1Tiling(options.rows, options.cols)
                                            : DefaultTl2Tiling(options.rows, options.cols);
    if (!tiling) {
      return absl::InvalidArgumentError(absl::StrCat(codec.name, ": no tiling fits a ", options.rows, " x ",
                                                     options.cols, " matrix; choose --rows and --cols as of a model"));
    }
    params.tiling = &*tiling;
  }
  const absl::Status fits = codec.check_shape(options.rows, options.cols, params);
  if (!fits.ok()) return absl::InvalidArgumentError(absl::StrCat(codec.name, ": ", fits.message()));
  return params;
}

}  // namespace

absl::StatusOr<std::vector<QuantReportRow>> MakeQuantReport(const QuantReportOptions& options) {
  BITNET_ASSIGN_OR_RETURN(const std::vector<const TernaryCodec*> codecs, Formats(options));
  std::vector<QuantReportRow> rows(codecs.size() * std::size(kCases));
  // A sample at a time, which is what the memory goes into; rows are by format first.
  const auto add = [&](size_t of, WeightPattern weights, auto wanted) -> absl::Status {
    if (std::none_of(codecs.begin(), codecs.end(), [&](const TernaryCodec* codec) { return wanted(*codec); })) {
      return absl::OkStatus();
    }
    BITNET_ASSIGN_OR_RETURN(const Sample sample, MakeSample({weights, kCases[of].method}, options));
    for (size_t i = 0; i < codecs.size(); ++i) {
      if (!wanted(*codecs[i])) continue;
      std::optional<TlTiling> tiling;
      BITNET_ASSIGN_OR_RETURN(const CodecParams params, ParamsOf(*codecs[i], options, tiling));
      BITNET_ASSIGN_OR_RETURN(rows[i * std::size(kCases) + of], MakeRow(*codecs[i], params, sample, options));
    }
    return absl::OkStatus();
  };
  for (size_t of = 0; of < std::size(kCases); ++of) {
    // Ternary weights of a format without zeros are binary.
    const bool ternary = kCases[of].weights == WeightPattern::kTernary;
    BITNET_RETURN_IF_ERROR(
        add(of, kCases[of].weights, [&](const TernaryCodec& codec) { return !ternary || codec.has_zero; }));
    BITNET_RETURN_IF_ERROR(
        add(of, WeightPattern::kBinary, [&](const TernaryCodec& codec) { return ternary && !codec.has_zero; }));
  }
  return rows;
}

bool QuantReportHolds(const std::vector<QuantReportRow>& rows) {
  for (const QuantReportRow& row : rows) {
    const bool made_of_trits = row.weights == WeightPattern::kTernary || row.weights == WeightPattern::kBinary;
    if (made_of_trits && !row.error.identical) return false;
    if (made_of_trits ? !row.exact() : !row.refused() && !row.exact()) return false;
  }
  return true;
}

}  // namespace bitnet::xtask
