#include "xtask/gate_report.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "bitnet/receipt/json_writer.h"
#include "xtask/gate_text.h"

namespace bitnet::xtask {
namespace {

constexpr size_t kMaxMarkdownBytes = 60'000;
constexpr std::string_view kUnknownCommit = "unknown";

std::string Utc(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); }

JsonValue Text(std::string_view text) { return JsonValue::String(Utf8Text(text)); }

std::string Summary(const GateRun& run) {
  return absl::StrCat(run.Count(GateOutcome::kPassed), " passed, ", run.Count(GateOutcome::kFailed), " failed, ",
                      run.Count(GateOutcome::kSkipped), " skipped", run.measured ? "" : "; nothing was measured");
}

JsonValue SarifResult(const GateCheck& check, uint64_t rule_index) {
  static constexpr std::string_view kKinds[] = {"pass", "fail", "notApplicable"};
  JsonValue::Object result = {
      {"ruleId", Text(check.id)},
      {"ruleIndex", JsonValue::Uint(rule_index)},
      {"kind", Text(kKinds[static_cast<int>(check.outcome)])},
      {"level", Text(check.outcome == GateOutcome::kFailed ? "error" : "none")},
      {"message", JsonValue::MakeObject({{"text", Text(check.message)}})},
  };
  if (!check.file.empty()) {
    const JsonValue location = JsonValue::MakeObject({{"uri", Text(check.file)}});
    const JsonValue physical = JsonValue::MakeObject({{"artifactLocation", location}});
    JsonValue::Array locations;
    locations.push_back(JsonValue::MakeObject({{"physicalLocation", physical}}));
    result.push_back({"locations", JsonValue::MakeArray(std::move(locations))});
  }
  return JsonValue::MakeObject(std::move(result));
}

}  // namespace

std::string ChecksMarkdown(const GateRun& run) {
  std::string text = "| check | outcome | |\n|---|---|---|\n";
  size_t written = 0;
  for (const GateCheck& check : run.checks) {
    const std::string row = absl::StrCat("| ", MarkdownCell(check.id), " | ", OutcomeName(check.outcome), " | ",
                                         MarkdownCell(check.message), " |\n");
    if (text.size() + row.size() > kMaxMarkdownBytes) break;
    text += row;
    ++written;
  }
  if (written < run.checks.size()) {
    absl::StrAppend(&text, "\nand ", run.checks.size() - written, " more checks, which junit.xml has.\n");
  }
  return text;
}

JsonValue CheckRunJson(const GateRun& run) {
  JsonValue::Array evidence;
  for (const GateEvidence& item : run.evidence) {
    evidence.push_back(JsonValue::MakeObject({{"file", Text(item.file)}, {"sha256", Text(item.sha256)}}));
  }
  JsonValue::Object json = {{"name", Text(absl::StrCat("bitnet/", run.name))}};
  if (run.commit != kUnknownCommit) json.push_back({"head_sha", Text(run.commit)});
  json.push_back({"status", Text("completed")});
  json.push_back({"conclusion", Text(ConclusionName(run.conclusion()))});
  json.push_back({"started_at", Text(Utc(run.started))});
  json.push_back({"completed_at", Text(Utc(run.completed))});
  json.push_back({"output", JsonValue::MakeObject({{"title", Text(run.title)},
                                                   {"summary", Text(Summary(run))},
                                                   {"text", Text(ChecksMarkdown(run))}})});
  json.push_back({"evidence", JsonValue::MakeArray(std::move(evidence))});
  return JsonValue::MakeObject(std::move(json));
}

std::string JunitXml(const GateRun& run) {
  const std::string name = XmlText(run.name);
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  absl::StrAppendFormat(&xml,
                        "<testsuite name=\"bitnet/%s\" tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"%d\" "
                        "time=\"%.3f\" timestamp=\"%s\">\n",
                        name, run.checks.size(), run.Count(GateOutcome::kFailed), run.Count(GateOutcome::kSkipped),
                        absl::ToDoubleSeconds(run.completed - run.started),
                        absl::FormatTime("%Y-%m-%dT%H:%M:%S", run.started, absl::UTCTimeZone()));
  for (const GateCheck& check : run.checks) {
    absl::StrAppend(&xml, "  <testcase classname=\"bitnet.", name, "\" name=\"", XmlText(check.id), "\"");
    if (check.outcome == GateOutcome::kPassed) {
      absl::StrAppend(&xml, "/>\n");
      continue;
    }
    const char* element = check.outcome == GateOutcome::kFailed ? "failure" : "skipped";
    absl::StrAppend(&xml, ">\n    <", element, " message=\"", XmlText(check.message), "\"/>\n  </testcase>\n");
  }
  return absl::StrCat(xml, "</testsuite>\n");
}

std::string SarifJson(const GateRun& run) {
  JsonValue::Array rules, results, artifacts;
  std::map<std::string, uint64_t> index_of;
  for (const GateCheck& check : run.checks) {
    const auto [rule, is_new] = index_of.insert({check.id, rules.size()});
    if (is_new) rules.push_back(JsonValue::MakeObject({{"id", Text(check.id)}}));
    results.push_back(SarifResult(check, rule->second));
  }
  for (const GateEvidence& item : run.evidence) {
    artifacts.push_back(JsonValue::MakeObject({{"location", JsonValue::MakeObject({{"uri", Text(item.file)}})},
                                               {"hashes", JsonValue::MakeObject({{"sha-256", Text(item.sha256)}})}}));
  }
  const JsonValue driver = JsonValue::MakeObject({{"name", Text(absl::StrCat("bitnet gate ", run.name))},
                                                  {"version", Text(run.version)},
                                                  {"rules", JsonValue::MakeArray(std::move(rules))}});
  JsonValue::Array runs;
  runs.push_back(JsonValue::MakeObject({{"tool", JsonValue::MakeObject({{"driver", driver}})},
                                        {"results", JsonValue::MakeArray(std::move(results))},
                                        {"artifacts", JsonValue::MakeArray(std::move(artifacts))}}));
  return WritePrettyJson(JsonValue::MakeObject({{"$schema", Text("https://json.schemastore.org/sarif-2.1.0.json")},
                                                {"version", Text("2.1.0")},
                                                {"runs", JsonValue::MakeArray(std::move(runs))}}));
}

std::string GateText(const GateRun& run) {
  std::string text = absl::StrCat("gate ", TerminalLine(run.name), ": ", ConclusionName(run.conclusion()), "  ",
                                  TerminalLine(run.title), "\n", Summary(run), "\n");
  size_t width = 0;
  for (const GateCheck& check : run.checks) width = std::max(width, check.id.size());
  for (const GateCheck& check : run.checks) {
    absl::StrAppendFormat(&text, "  %-7s  %-*s  %s\n", OutcomeName(check.outcome), static_cast<int>(width),
                          TerminalLine(check.id), TerminalLine(check.message));
  }
  return text;
}

}  // namespace bitnet::xtask
