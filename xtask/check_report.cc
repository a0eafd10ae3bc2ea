#include "xtask/check_report.h"

#include <cinttypes>
#include <cstdio>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace bitnet::xtask {
namespace {

// Names and texts are the file's: they may hold anything, control characters of terminals included.
std::string Shown(std::string_view text) { return absl::Utf8SafeCHexEscape(text); }

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kRuns:
      return "runs";
    case Verdict::kRunsAfterConvert:
      return "runs_after_convert";
    case Verdict::kCannotRun:
      return "cannot_run";
  }
  return "";
}

std::string_view RemedyName(Remedy remedy) {
  switch (remedy) {
    case Remedy::kNone:
      return "none";
    case Remedy::kConvert:
      return "convert";
    case Remedy::kQuantize:
      return "quantize";
    case Remedy::kKernelConfig:
      return "kernel_config";
    case Remedy::kImpossible:
      return "impossible";
  }
  return "";
}

void PrintTensor(const CheckedTensor& tensor) {
  std::string line =
      absl::StrFormat("  %-32s [%s] %s", Shown(tensor.name), absl::StrJoin(tensor.dims, ", "), tensor.claimed_type);
  if (tensor.actual_type != tensor.claimed_type) absl::StrAppend(&line, " (actual: ", tensor.actual_type, ")");
  const TensorFindings& found = tensor.findings;
  if (found.ternary) {
    const double n = static_cast<double>(found.minus + found.zero + found.plus) / 100.0;
    absl::StrAppendFormat(&line, "  ternary: -1 %.1f%%  0 %.1f%%  +1 %.1f%%  scale %.6g",
                          static_cast<double>(found.minus) / n, static_cast<double>(found.zero) / n,
                          static_cast<double>(found.plus) / n, static_cast<double>(found.scale));
  }
  if (!tensor.problem.empty()) absl::StrAppend(&line, "\n      PROBLEM: ", Shown(tensor.problem));
  if (!tensor.advice.empty()) absl::StrAppend(&line, "\n      to do: ", tensor.advice);
  for (const std::string& warning : tensor.warnings) absl::StrAppend(&line, "\n      WARNING: ", Shown(warning));
  std::printf("%s\n", line.c_str());
}

JsonValue Strings(const std::vector<std::string>& texts) {
  JsonValue::Array array;
  for (const std::string& text : texts) array.push_back(JsonValue::String(Shown(text)));
  return JsonValue::MakeArray(std::move(array));
}

JsonValue TensorJson(const CheckedTensor& tensor) {
  JsonValue::Array dims;
  for (const uint64_t dim : tensor.dims) dims.push_back(JsonValue::Uint(dim));
  JsonValue::Object object = {{"name", JsonValue::String(Shown(tensor.name))},
                              {"shape", JsonValue::MakeArray(std::move(dims))},
                              {"claimed_type", JsonValue::String(tensor.claimed_type)},
                              {"actual_type", JsonValue::String(tensor.actual_type)},
                              {"bytes", JsonValue::Uint(tensor.bytes)},
                              {"remedy", JsonValue::String(std::string(RemedyName(tensor.remedy)))},
                              {"problem", JsonValue::String(Shown(tensor.problem))},
                              {"advice", JsonValue::String(tensor.advice)},
                              {"warnings", Strings(tensor.warnings)},
                              {"ternary", JsonValue::Bool(tensor.findings.ternary)}};
  if (tensor.findings.ternary) {
    object.push_back({"minus_one", JsonValue::Uint(tensor.findings.minus)});
    object.push_back({"zero", JsonValue::Uint(tensor.findings.zero)});
    object.push_back({"plus_one", JsonValue::Uint(tensor.findings.plus)});
    object.push_back({"scale", JsonValue::Double(static_cast<double>(tensor.findings.scale))});
  }
  return JsonValue::MakeObject(std::move(object));
}

}  // namespace

uint64_t CheckReport::findings() const {
  uint64_t count = problems.size();
  for (const CheckedTensor& tensor : tensors) count += tensor.warnings.size() + (tensor.problem.empty() ? 0 : 1);
  return count;
}

std::string ShellQuoted(const std::string& text) {
  const auto plain = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || std::string_view("/._-+=:,@%").find(c) != std::string_view::npos;
  };
  bool quote = text.empty();
  std::string quoted = "'";
  for (const char c : text) {
    quote |= !plain(c);
    // A quote ends the quoted text, stands by itself, and begins it again.
    quoted += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return quote ? quoted + "'" : text;
}

void PrintReport(const CheckReport& report) {
  std::printf("%s\n", report.path.c_str());
  for (const auto& [label, text] : report.facts) std::printf("  %-13s %s\n", label.c_str(), Shown(text).c_str());
  for (const CheckedTensor& tensor : report.tensors) PrintTensor(tensor);
  for (const std::string& name : report.missing_tensors) std::printf("MISSING tensor: %s\n", Shown(name).c_str());
  for (const std::string& name : report.extra_tensors) std::printf("EXTRA tensor: %s\n", Shown(name).c_str());
  for (const std::string& problem : report.problems) std::printf("PROBLEM: %s\n", Shown(problem).c_str());
  for (const std::string& hint : report.hints) std::printf("hint: %s\n", Shown(hint).c_str());
  switch (report.verdict) {
    case Verdict::kRuns:
      std::printf("verdict: runs as it is%s\n",
                  report.findings() == 0 ? ""
                                         : absl::StrCat("; ", report.findings(), " findings above say that the answers "
                                                                                  "may be wrong")
                                               .c_str());
      return;
    case Verdict::kRunsAfterConvert:
      std::printf("verdict: runs after `%s`: %s\n", report.command.c_str(), Shown(report.reason).c_str());
      return;
    case Verdict::kCannotRun:
      std::printf("verdict: cannot run, because %s\n", Shown(report.reason).c_str());
      return;
  }
}

JsonValue ReportJson(const CheckReport& report) {
  JsonValue::Object facts;
  for (const auto& [label, text] : report.facts) facts.push_back({label, JsonValue::String(Shown(text))});
  JsonValue::Array tensors;
  for (const CheckedTensor& tensor : report.tensors) tensors.push_back(TensorJson(tensor));
  return JsonValue::MakeObject({{"path", JsonValue::String(report.path)},
                                {"kind", JsonValue::String(report.kind)},
                                {"facts", JsonValue::MakeObject(std::move(facts))},
                                {"tensors", JsonValue::MakeArray(std::move(tensors))},
                                {"missing_tensors", Strings(report.missing_tensors)},
                                {"extra_tensors", Strings(report.extra_tensors)},
                                {"problems", Strings(report.problems)},
                                {"hints", Strings(report.hints)},
                                {"findings", JsonValue::Uint(report.findings())},
                                {"verdict", JsonValue::String(std::string(VerdictName(report.verdict)))},
                                {"reason", JsonValue::String(Shown(report.reason))},
                                {"command", JsonValue::String(report.command)}});
}

}  // namespace bitnet::xtask
