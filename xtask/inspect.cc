// xtask inspect: what a GGUF file says about itself, and what its bytes say.

#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "bitnet/tensor/tensor_type.h"
#include "xtask/check_report.h"
#include "xtask/commands.h"
#include "xtask/diagnostics.h"
#include "xtask/inspect_check.h"
#include "xtask/tensor_probe.h"

namespace bitnet::xtask {
namespace {

struct InspectOptions {
  std::string model;
  bool no_tensors = false;
  bool no_statistics = false;
  bool check = false;
  bool json = false;
};

// Names and keys are the file's: they may hold anything, control characters of terminals included.
std::string Shown(std::string_view text) { return absl::Utf8SafeCHexEscape(text); }

// Long arrays are shown by their length and first values.
constexpr size_t kShownStrings = 4;

JsonValue ValueJson(const GgufValue& value) {
  if (const auto* u = std::get_if<uint64_t>(&value.data)) return JsonValue::Uint(*u);
  if (const auto* i = std::get_if<int64_t>(&value.data)) return JsonValue::Int(*i);
  if (const auto* d = std::get_if<double>(&value.data)) {
    // JSON has no word for these.
    return std::isfinite(*d) ? JsonValue::Double(*d) : JsonValue::String(absl::StrCat(*d));
  }
  if (const auto* b = std::get_if<bool>(&value.data)) return JsonValue::Bool(*b);
  if (const auto* s = std::get_if<std::string_view>(&value.data)) return JsonValue::String(Shown(*s));
  const GgufArray& array = std::get<GgufArray>(value.data);
  JsonValue::Array first;
  for (size_t i = 0; i < array.strings.size() && i < kShownStrings; ++i) {
    first.push_back(JsonValue::String(Shown(array.strings[i])));
  }
  JsonValue::Object object;
  object.push_back({"array_of", JsonValue::String(std::string(GgufTypeName(array.element_type)))});
  object.push_back({"count", JsonValue::Uint(array.count)});
  if (!first.empty()) object.push_back({"first", JsonValue::MakeArray(std::move(first))});
  return JsonValue::MakeObject(std::move(object));
}

JsonValue TensorJson(const GgufTensor& tensor, const TensorFindings& findings) {
  JsonValue::Object object;
  JsonValue::Array dims;
  for (uint64_t dim : tensor.dims) dims.push_back(JsonValue::Uint(dim));
  object.push_back({"name", JsonValue::String(Shown(tensor.name))});
  object.push_back({"shape", JsonValue::MakeArray(std::move(dims))});
  object.push_back({"claimed_type", JsonValue::String(TensorTypeName(tensor.type_id))});
  object.push_back({"actual_type", JsonValue::String(findings.actual_type)});
  object.push_back({"bytes", JsonValue::Uint(tensor.data.size())});
  if (!findings.problem.empty()) object.push_back({"problem", JsonValue::String(Shown(findings.problem))});
  if (findings.ternary) {
    object.push_back({"minus_one", JsonValue::Uint(findings.minus)});
    object.push_back({"zero", JsonValue::Uint(findings.zero)});
    object.push_back({"plus_one", JsonValue::Uint(findings.plus)});
    object.push_back({"scale", JsonValue::Double(static_cast<double>(findings.scale))});
  }
  return JsonValue::MakeObject(std::move(object));
}

void PrintTensor(const GgufTensor& tensor, const TensorFindings& findings) {
  const std::string claimed = TensorTypeName(tensor.type_id);
  std::string line = absl::StrFormat("  %-32s [%s] %s", Shown(tensor.name), absl::StrJoin(tensor.dims, ", "), claimed);
  if (findings.actual_type != claimed) absl::StrAppend(&line, " (actual: ", findings.actual_type, ")");
  if (findings.ternary) {
    const double n = static_cast<double>(findings.minus + findings.zero + findings.plus);
    absl::StrAppendFormat(&line, "  -1 %.1f%%  0 %.1f%%  +1 %.1f%%  scale %.6g",
                          100.0 * static_cast<double>(findings.minus) / n,
                          100.0 * static_cast<double>(findings.zero) / n,
                          100.0 * static_cast<double>(findings.plus) / n, static_cast<double>(findings.scale));
  }
  if (!findings.problem.empty()) absl::StrAppend(&line, "  PROBLEM: ", Shown(findings.problem));
  std::printf("%s\n", line.c_str());
}

absl::StatusOr<int> RunInspect(const InspectOptions& options) {
  BITNET_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(options.model));
  const absl::StatusOr<GgufFile> parsed = GgufFile::Parse(file.bytes());
  if (!parsed.ok())
    return absl::Status(parsed.status().code(), absl::StrCat(options.model, ": ", parsed.status().message()));
  const GgufFile& gguf = *parsed;
  JsonValue::Object metadata;
  JsonValue::Array tensors;
  uint64_t problems = 0;
  if (!options.json) {
    std::printf("%s: GGUF v%u, %zu bytes, %zu metadata pairs, %zu tensors, alignment %" PRIu64 "\n",
                options.model.c_str(), gguf.version(), file.bytes().size(), gguf.metadata().size(),
                gguf.tensors().size(), gguf.alignment());
  }
  for (const auto& [key, value] : gguf.metadata()) {
    const JsonValue json = ValueJson(value);
    if (!options.json) std::printf("  %-48s %s\n", Shown(key).c_str(), CanonicalJson(json).c_str());
    metadata.push_back({Shown(key), json});
  }
  for (const GgufTensor& tensor : gguf.tensors()) {
    if (options.no_tensors) break;
    const TensorFindings findings = options.no_statistics ? ClaimsOf(tensor) : ProbeTensor(tensor);
    problems += findings.problem.empty() ? 0 : 1;
    if (options.json) {
      tensors.push_back(TensorJson(tensor, findings));
    } else {
      PrintTensor(tensor, findings);
    }
  }
  if (options.json) {
    JsonValue::Object object;
    object.push_back({"file", JsonValue::String(options.model)});
    object.push_back({"version", JsonValue::Uint(gguf.version())});
    object.push_back({"bytes", JsonValue::Uint(file.bytes().size())});
    object.push_back({"alignment", JsonValue::Uint(gguf.alignment())});
    object.push_back({"metadata", JsonValue::MakeObject(std::move(metadata))});
    object.push_back({"tensors", JsonValue::MakeArray(std::move(tensors))});
    object.push_back({"problems", JsonValue::Uint(problems)});
    std::printf("%s\n", WritePrettyJson(JsonValue::MakeObject(std::move(object))).c_str());
  }
  if (problems > 0) std::fprintf(stderr, "%" PRIu64 " tensors are not what they claim to be\n", problems);
  return problems > 0 ? kExitFailed : kExitOk;
}

absl::StatusOr<int> RunCheck(const InspectOptions& options) {
  BITNET_ASSIGN_OR_RETURN(const CheckReport report, CheckModel(options.model));
  if (options.json) {
    std::printf("%s\n", WritePrettyJson(ReportJson(report)).c_str());
  } else {
    PrintReport(report);
  }
  return report.verdict == Verdict::kRuns && report.findings() == 0 ? kExitOk : kExitFailed;
}

}  // namespace

void AddInspectCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App& command =
      *app.add_subcommand("inspect", "Metadata, tensors, claimed against actual types, ternary statistics");
  command.add_option("-m,--model,model", options->model, "GGUF file; with --check also a Hugging Face directory")
      ->required();
  CLI::Option* no_tensors = command.add_flag("--no-tensors", options->no_tensors, "Metadata only");
  CLI::Option* no_statistics = command.add_flag("--no-statistics", options->no_statistics, "Do not read tensor data");
  command
      .add_flag("--check", options->check,
                "Whether it runs here, and if not what it is, whose, and what to do: types by size and contents, "
                "ternary-ness, scales, names, architecture, tokenizer")
      ->excludes(no_tensors)
      ->excludes(no_statistics);
  command.add_flag("--json", options->json, "One JSON object");
  command.footer(
      "Examples:\n"
      "  xtask inspect model.gguf\n"
      "  xtask inspect model.gguf --no-tensors --json\n"
      "  xtask inspect --check model.gguf\n"
      "  xtask inspect --check bitnet-b1.58-2B-4T/ --json\n"
      "Exit codes: 0 all tensors are what they claim, with --check: it runs as it is; 1 some are not, with --check:\n"
      "problems were found; 2 the file cannot be read.");
  command.callback([options, &context] {
    const absl::StatusOr<int> code = options->check ? RunCheck(*options) : RunInspect(*options);
    context.exit_code = code.ok() ? *code : ReportError(context.environment, code.status());
  });
}

}  // namespace bitnet::xtask
