#include "xtask/convert_model.h"

#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/convert/convert.h"
#include "bitnet/convert/gguf_source.h"
#include "bitnet/convert/hf_source.h"
#include "bitnet/convert/model_source.h"
#include "bitnet/hf/hf_config.h"
#include "bitnet/hf/hf_model.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/kernel_config.h"
#include "bitnet/quant/quantize.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "bitnet/ternary_file/format_keys.h"
#include "xtask/progress_bar.h"

namespace bitnet::xtask {
namespace {

absl::StatusOr<const TernaryCodec*> CodecOf(std::string_view flag, std::string_view name) {
  const TernaryCodec* codec = FindTernaryCodec(name);
  if (codec != nullptr) return codec;
  const auto append = [](std::string* out, const TernaryCodec& known) { out->append(known.name); };
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": expected one of ", absl::StrJoin(TernaryCodecs(), ", ", append), "; got \"", name, "\""));
}

// Never over a file that is read, whatever the flags and by whatever name or link; over another one only with --force.
absl::Status CheckPaths(const ConvertModelOptions& options, const ModelSource& source) {
  std::error_code error;
  if (!std::filesystem::exists(options.out, error)) return absl::OkStatus();
  std::vector<std::string> inputs = source.inputs();
  inputs.push_back(options.in);
  if (!options.kernel_config.empty()) inputs.push_back(options.kernel_config);
  for (const std::string& input : inputs) {
    if (!std::filesystem::equivalent(input, options.out, error)) continue;
    return absl::InvalidArgumentError(absl::StrCat(options.out, " is ",
                                                   input == options.in ? "the input itself" : input,
                                                   ", which is read; a conversion goes into another file"));
  }
  if (options.force) return absl::OkStatus();
  return absl::AlreadyExistsError(absl::StrCat(options.out, " exists; --force replaces it"));
}

absl::StatusOr<std::vector<TlTiling>> ReadKernelConfig(const std::string& path) {
  BITNET_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  const std::span<const uint8_t> bytes = file.bytes();
  absl::StatusOr<std::vector<TlTiling>> tilings =
      ParseKernelConfig({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (tilings.ok()) return tilings;
  return absl::Status(tilings.status().code(), absl::StrCat(path, ": ", tilings.status().message()));
}

// What the flags say, parsed.
struct Request {
  const TernaryCodec* to = nullptr;
  GgufSourceOptions source;
  std::vector<TlTiling> tilings;  // of --kernel-config
  std::optional<HfScale> weight_scale;
};

absl::StatusOr<Request> Parse(const ConvertModelOptions& options) {
  Request request;
  BITNET_ASSIGN_OR_RETURN(request.to, CodecOf("--to", options.to));
  if (!options.from.empty()) {
    BITNET_ASSIGN_OR_RETURN(request.source.hints.codec, CodecOf("--from", options.from));
  }
  if (!options.quantize.empty()) {
    BITNET_ASSIGN_OR_RETURN(request.source.quantize, ParseQuantizeMethod(options.quantize));
  }
  if (!options.weight_scale.empty()) {
    absl::StatusOr<HfScale> scale = ParseHfScale(options.weight_scale);
    if (!scale.ok()) return absl::InvalidArgumentError(absl::StrCat("--weight-scale: ", scale.status().message()));
    request.weight_scale = *scale;
  }
  if (!options.kernel_config.empty()) {
    BITNET_ASSIGN_OR_RETURN(request.tilings, ReadKernelConfig(options.kernel_config));
  }
  request.source.isa = DetectIsaSet();
  return request;
}

// For an input that has needed no kernel_config.ini.
absl::Status CheckKernelConfigIsOfUse(const ConvertModelOptions& options, const Request& request) {
  if (options.kernel_config.empty() || NeedsTilings(*request.to)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--kernel-config: is for tl1 and tl2; ", options.in,
                                                 " needs none, and the output is to be ", request.to->name));
}

absl::StatusOr<std::unique_ptr<ModelSource>> OpenDirectory(const ConvertModelOptions& options, const Request& request) {
  if (!options.from.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--from: is for GGUF files; ", options.in, " is a directory, which says what it has"));
  }
  BITNET_RETURN_IF_ERROR(CheckKernelConfigIsOfUse(options, request));
  const HfSourceOptions source_options = {
      .weight_scale = request.weight_scale, .quantize = request.source.quantize, .isa = request.source.isa};
  absl::StatusOr<std::unique_ptr<HfSource>> source = HfSource::Open(options.in, source_options);
  if (!source.ok()) return source.status();
  return std::unique_ptr<ModelSource>(*std::move(source));
}

// A kernel_config.ini is of the input when the input is of a format that needs one and has none of its own. Of a tiling
// for TL1 nothing follows for TL2: then the output gets the default.
absl::StatusOr<std::unique_ptr<ModelSource>> OpenSource(const ConvertModelOptions& options, Request& request) {
  if (IsHfDirectory(options.in)) return OpenDirectory(options, request);
  if (request.weight_scale) {
    return absl::InvalidArgumentError(absl::StrCat("--weight-scale: is for Hugging Face directories; ", options.in,
                                                   " is a file, which says what its scales are"));
  }
  absl::StatusOr<std::unique_ptr<GgufSource>> source = GgufSource::Open(options.in, request.source);
  if (absl::IsFailedPrecondition(source.status()) && !request.tilings.empty()) {
    request.source.hints.tilings = request.tilings;
    source = GgufSource::Open(options.in, request.source);
    if (source.ok() && (*source)->format() != request.to->name) request.tilings.clear();
  } else if (source.ok()) {
    BITNET_RETURN_IF_ERROR(CheckKernelConfigIsOfUse(options, request));
  }
  if (!source.ok()) return source.status();
  return std::unique_ptr<ModelSource>(*std::move(source));
}

struct Report {
  std::string from;
  uint64_t bytes_in = 0;
  ConvertResult result;
  std::vector<std::string> notes;  // of the source
  std::optional<VerifyResult> verified;
  double convert_seconds = 0;
  double verify_seconds = 0;
};

// Names are the file's: they may hold anything, control characters of terminals included.
std::string Shown(std::string_view name) { return absl::Utf8SafeCHexEscape(name); }

// A number of dB that JSON has a word for.
JsonValue Finite(double value) { return std::isfinite(value) ? JsonValue::Double(value) : JsonValue(); }

JsonValue QuantizedJson(const ConvertedTensor& tensor) {
  const QuantizationError& error = *tensor.error;
  return JsonValue::MakeObject({{"name", JsonValue::String(Shown(tensor.name))},
                                {"scale", JsonValue::Double(static_cast<double>(tensor.scale))},
                                {"relative_error", Finite(error.relative_error)},
                                {"snr_db", Finite(error.snr_db)},
                                {"cosine", JsonValue::Double(error.cosine)},
                                {"max_abs_error", JsonValue::Double(error.max_abs)},
                                {"zeros", JsonValue::Uint(error.zeros)},
                                {"elements", JsonValue::Uint(error.elements)}});
}

JsonValue DigestJson(const std::optional<Digest>& digest) {
  return digest ? JsonValue::String(ToHex(*digest)) : JsonValue();
}

void PrintJson(const ConvertModelOptions& options, const Report& report) {
  JsonValue::Array quantized;
  for (const ConvertedTensor& tensor : report.result.ternary) {
    if (tensor.error) quantized.push_back(QuantizedJson(tensor));
  }
  JsonValue::Array notes;
  for (const std::string& note : report.notes) notes.push_back(JsonValue::String(note));
  JsonValue::Object object = {{"in", JsonValue::String(options.in)},
                              {"out", JsonValue::String(options.out)},
                              {"from", JsonValue::String(report.from)},
                              {"to", JsonValue::String(options.to)},
                              {"tensors", JsonValue::Uint(report.result.tensors)},
                              {"ternary_tensors", JsonValue::Uint(report.result.ternary.size())},
                              {"bytes_in", JsonValue::Uint(report.bytes_in)},
                              {"bytes_out", JsonValue::Uint(report.result.bytes)},
                              {"convert_seconds", JsonValue::Double(report.convert_seconds)},
                              {"quantized", JsonValue::MakeArray(std::move(quantized))},
                              {"notes", JsonValue::MakeArray(std::move(notes))}};
  if (report.verified) {
    const VerifyResult& verified = *report.verified;
    object.push_back(
        {"verified", JsonValue::MakeObject({{"ternary_tensors_equal", JsonValue::Uint(verified.ternary)},
                                            {"other_tensors_equal", JsonValue::Uint(verified.stored)},
                                            {"ternary_digest_before", DigestJson(verified.ternary_digest_before)},
                                            {"ternary_digest_after", DigestJson(verified.ternary_digest_after)},
                                            {"seconds", JsonValue::Double(report.verify_seconds)}})});
  }
  std::printf("%s\n", WritePrettyJson(JsonValue::MakeObject(std::move(object))).c_str());
}

void PrintText(const ConvertModelOptions& options, const Report& report) {
  const ConvertResult& result = report.result;
  std::printf("%s: %s to %s, %zu ternary tensors of %" PRIu64 ", %" PRIu64 " to %" PRIu64 " bytes in %.1f s\n",
              options.out.c_str(), report.from.c_str(), options.to.c_str(), result.ternary.size(), result.tensors,
              report.bytes_in, result.bytes, report.convert_seconds);
  for (const ConvertedTensor& tensor : result.ternary) {
    if (!tensor.error) continue;
    const QuantizationError& error = *tensor.error;
    std::printf("  CHANGED %-28s relative error %.4f  SNR %.2f dB  cosine %.4f  scale %.6g\n",
                Shown(tensor.name).c_str(), error.relative_error, error.snr_db, error.cosine,
                static_cast<double>(tensor.scale));
  }
  for (const std::string& note : report.notes) std::printf("  note: %s\n", note.c_str());
  if (!report.verified) return;
  const VerifyResult& verified = *report.verified;
  std::printf("verified in %.1f s: %" PRIu64 " tensors equal in every trit and scale, %" PRIu64 " in every byte\n",
              report.verify_seconds, verified.ternary, verified.stored);
  for (const auto& [label, digest] :
       {std::pair{"before", verified.ternary_digest_before}, std::pair{"after", verified.ternary_digest_after}}) {
    std::printf("ternary_digest %-6s %s\n", label,
                digest ? ToHex(*digest).c_str() : "not defined: rows are no multiples of 128 weights");
  }
}

}  // namespace

absl::Status ConvertModel(const ConvertModelOptions& options) {
  BITNET_ASSIGN_OR_RETURN(Request request, Parse(options));
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<ModelSource> source, OpenSource(options, request));
  BITNET_RETURN_IF_ERROR(CheckPaths(options, *source));
  ThreadPool pool(options.threads > 0 ? options.threads : std::max(1, ReadHostInfo().logical_cores));
  ProgressBar bar(options.progress, options.color, "M weights");
  const auto on_progress = [&](std::string_view stage, uint64_t done, uint64_t total) {
    bar.Update(stage, done, total);
    return options.cancelled == nullptr || !options.cancelled->load(std::memory_order_relaxed);
  };
  const ConvertOptions convert = {.to = request.to, .tilings = request.tilings, .isa = request.source.isa};
  Report report{.from = source->format(), .bytes_in = source->bytes()};
  // Before the file gets its name: what fails verification replaces nothing.
  const auto verify = [&](const std::string& written) -> absl::Status {
    if (!options.verify) return absl::OkStatus();
    const uint64_t begin = NowNs();
    absl::StatusOr<VerifyResult> verified = VerifyConversion(*source, convert, written, pool, on_progress);
    if (!verified.ok()) {
      return absl::Status(verified.status().code(), absl::StrCat("verification: ", verified.status().message(),
                                                                 "; nothing has been written to ", options.out));
    }
    report.verified = *std::move(verified);
    report.verify_seconds = static_cast<double>(NowNs() - begin) * 1e-9;
    return absl::OkStatus();
  };
  const uint64_t start = NowNs();
  BITNET_ASSIGN_OR_RETURN(report.result, Convert(*source, convert, options.out, pool, on_progress, verify));
  report.convert_seconds = static_cast<double>(NowNs() - start) * 1e-9 - report.verify_seconds;
  report.notes = source->notes();
  (options.json ? PrintJson : PrintText)(options, report);
  return absl::OkStatus();
}

}  // namespace bitnet::xtask
