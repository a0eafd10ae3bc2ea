#include "xtask/benchmark_report.h"

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "xtask/op_times.h"
#include "xtask/roofline.h"

namespace bitnet::xtask {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ground: #ffffff; --ink: #1b1f24; --faint: #59636e; --line: #d5dae0;
        --roof: #1b1f24; --decode: #0b62c4; --prefill: #b54708; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #12161b; --ink: #e6e9ed; --faint: #9aa4af; --line: #333b45;
          --roof: #e6e9ed; --decode: #6cb2ff; --prefill: #ffa657; }
}
body { background: var(--ground); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; max-width: 860px;
       margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { color: var(--faint); margin: .3rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { color: var(--faint); font-weight: 600; }
th:first-child, td:first-child { text-align: left; }
.facts td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
svg { width: 100%; height: auto; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .tick, svg .axis { fill: var(--faint); }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .roof { fill: none; stroke: var(--roof); stroke-width: 2; }
svg .decode { fill: var(--decode); }
svg .prefill { fill: var(--prefill); }
svg .number { font-weight: 600; }
.key-decode { color: var(--decode); }
.key-prefill { color: var(--prefill); }
)";

std::string Escaped(std::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

std::string Row(const std::vector<std::string>& cells, const char* tag = "td") {
  std::string out = "<tr>";
  for (const std::string& cell : cells) absl::StrAppend(&out, "<", tag, ">", cell, "</", tag, ">");
  return absl::StrCat(out, "</tr>\n");
}

std::string Percent(double value, double of, int digits = 0) {
  return of > 0 ? absl::StrFormat("%.*f&#8239;%%", digits, 100 * value / of) : "-";
}

// On the picture are operations that multiply what they read.
bool IsOnRoofline(const OpTime& op) { return op.ns > 0 && op.macs > 0 && op.bytes > 0; }

std::string Speeds(const BenchmarkResult& result) {
  std::string out = "<h2>Speed</h2>\n<div class=\"wide\"><table>\n";
  absl::StrAppend(&out, Row({"test", "tok/s (median)", "slowest", "fastest", "ms/token", "GB/s", "of probe"}, "th"));
  for (const PhaseResult& phase : result.phases) {
    const PhaseStatistics stats = Summarise(phase.samples_ns);
    const auto speed = [&](double ns) {
      return absl::StrFormat("%.2f", static_cast<double>(phase.timed_tokens) * 1e9 / ns);
    };
    absl::StrAppend(&out,
                    Row({phase.test, speed(stats.median_ns), speed(stats.max_ns), speed(stats.min_ns),
                         absl::StrFormat("%.3f", stats.median_ns * 1e-6 / static_cast<double>(phase.timed_tokens)),
                         phase.bytes_per_token > 0 ? absl::StrFormat("%.1f", phase.read_bw_gbps) : "-",
                         phase.roofline_share > 0 ? Percent(phase.roofline_share, 1) : "-"}));
  }
  return absl::StrCat(out, "</table></div>\n");
}

std::string OpTable(const BenchmarkResult& result, const PhaseResult& phase, int& number) {
  std::string out = absl::StrCat("<h2>Where the time of ", phase.test, " went</h2>\n<div class=\"wide\"><table>\n");
  absl::StrAppend(&out, Row({"operation", "no.", "time", "calls", "ms/call", "op/byte", "GB/s", "of probe", "GOP/s",
                             "of int8 peak"},
                            "th"));
  for (const OpTime& op : phase.ops) {
    std::vector<std::string> cells = {op.op, "",
                                      Percent(static_cast<double>(op.ns), static_cast<double>(phase.total_ns), 1)};
    cells.push_back(op.calls > 0 ? absl::StrCat(op.calls) : "-");
    cells.push_back(op.calls > 0
                        ? absl::StrFormat("%.4f", static_cast<double>(op.ns) * 1e-6 / static_cast<double>(op.calls))
                        : "-");
    if (IsOnRoofline(op)) {
      cells[1] = absl::StrCat(++number);
      cells.insert(cells.end(), {absl::StrFormat("%.1f", op.intensity()), absl::StrFormat("%.1f", op.gbps()),
                                 Percent(op.gbps() * 1000, static_cast<double>(result.probe_bw_mbps)),
                                 absl::StrFormat("%.1f", op.gops()), Percent(op.gops(), result.probe_int8_gops, 1)});
    } else {
      cells.insert(cells.end(), 5, "-");
    }
    absl::StrAppend(&out, Row(cells));
  }
  return absl::StrCat(out, "</table></div>\n");
}

std::string Roofline(const BenchmarkResult& result) {
  if (result.probe_bw_mbps == 0 || result.probe_int8_gops <= 0) {
    return "<p>No roofline: the model is too small for the bandwidth probe.</p>\n";
  }
  const Roofs roofs{.read_gbps = static_cast<double>(result.probe_bw_mbps) / 1000, .int8_gops = result.probe_int8_gops};
  std::vector<RooflinePoint> points;
  for (const PhaseResult& phase : result.phases) {
    for (const OpTime& op : phase.ops) {
      if (!IsOnRoofline(op)) continue;
      points.push_back({.number = static_cast<int>(points.size()) + 1,
                        .prefill = phase.n_prompt > 0,
                        .intensity = op.intensity(),
                        .gops = op.gops()});
    }
  }
  return absl::StrCat(
      "<h2>Roofline</h2>\n<p><span class=\"key-prefill\">&#9632;</span> prefill, <span "
      "class=\"key-decode\">&#9679;</span> "
      "decode; numbers as in the tables. The slope is the read bandwidth, the level the rate of int8 "
      "multiply-accumulates (two operations each; ",
      Escaped(result.probe_int8_isa),
      "), both measured in the same process. Attention and the rows of the head are binary32 and binary16: "
      "the level is not theirs. What stays in the caches can be above the slope.</p>\n",
      RooflineSvg(roofs, points));
}

std::string Memory(const BenchmarkResult& result) {
  if (result.memory.empty()) return "";
  std::string out = "<h2>Memory after the repetitions</h2>\n<div class=\"wide\"><table>\n";
  absl::StrAppend(&out, Row({"part", "size", "resident"}, "th"));
  for (const MemoryUse& use : result.memory) {
    absl::StrAppend(&out, Row({use.name, absl::StrFormat("%.1f MB", static_cast<double>(use.size) * 1e-6),
                               absl::StrFormat("%.1f MB", static_cast<double>(use.resident) * 1e-6)}));
  }
  return absl::StrCat(out, "</table></div>\n");
}

std::string Facts(const BenchmarkResult& result) {
  std::string out = "<h2>What was measured</h2>\n<div class=\"wide\"><table class=\"facts\">\n";
  const auto fact = [&](const char* name, const std::string& value) {
    absl::StrAppend(&out, Row({name, Escaped(value)}));
  };
  fact("model", result.model_filename);
  fact("type", absl::StrCat(result.model_type, ", ", result.quantization_type));
  fact("file, weights", absl::StrFormat("%.3f GB, %.3f G", static_cast<double>(result.model_size) * 1e-9,
                                        static_cast<double>(result.model_n_params) * 1e-9));
  fact("processor", result.cpu_info);
  fact("threads, instruction set", absl::StrCat(result.n_threads, ", ", result.isa));
  fact("probes",
       absl::StrFormat("read %.1f GB/s, int8 %.0f GOP/s (%s)", static_cast<double>(result.probe_bw_mbps) / 1000,
                       result.probe_int8_gops, result.probe_int8_isa));
  fact("load, first token", absl::StrFormat("%.0f ms, %.0f ms", static_cast<double>(result.load_ns) * 1e-6,
                                            static_cast<double>(result.ttft_ns) * 1e-6));
  fact("peak resident set", absl::StrFormat("%.3f GB", static_cast<double>(result.peak_rss_bytes) * 1e-9));
  fact("commit", result.build_commit);
  fact("time", result.test_time);
  fact("receipt", absl::StrCat(result.receipt, ": ", result.verdict));
  return absl::StrCat(out, "</table></div>\n");
}

}  // namespace

std::string BenchmarkReportHtml(const BenchmarkResult& result) {
  std::string out = absl::StrCat(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>Benchmark of ",
      Escaped(result.model_type), "</title>\n<style>", kStyle, "</style>\n</head>\n<body>\n<h1>Benchmark of ",
      Escaped(result.model_type), "</h1>\n<p>", Escaped(result.cpu_info), ", ", result.n_threads, " threads, ",
      Escaped(result.isa), "</p>\n", Speeds(result), Roofline(result));
  int number = 0;
  for (const PhaseResult& phase : result.phases) absl::StrAppend(&out, OpTable(result, phase, number));
  absl::StrAppend(&out, "<p>Of the repetition with the median decode time; sequences together have one of their own. ",
                  kPassRest, " is time inside forward passes but in no kernel; ", kBetweenPasses,
                  " is outside of them: trace commitment, text, bookkeeping. Bytes are those of weights and KV cache, "
                  "counted once a call.</p>\n",
                  Memory(result), Facts(result), "</body>\n</html>\n");
  return out;
}

}  // namespace bitnet::xtask
