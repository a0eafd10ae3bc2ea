#include "xtask/bench_progress.h"

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "verify/compare/comparison.h"

namespace bitnet::xtask {
namespace {

// "10 pairs: PASS; decode_tokens_per_second 0.9981 [0.9923, 1.0040] PASS; ..."
std::string LookLine(size_t pairs, const verify::ComparisonReport& report) {
  std::string line = absl::StrCat(pairs, " pairs: ", verify::GateVerdictName(report.verdict));
  for (const verify::MetricReport& metric : report.metrics) {
    if (metric.looks.empty()) continue;
    const verify::RatioInterval& rank = metric.looks.back().rank;
    absl::StrAppendFormat(&line, "; %s %.4f [%.4f, %.4f] %s", verify::MetricName(metric.metric), rank.estimate,
                          rank.lower, rank.upper, verify::GateVerdictName(metric.verdict));
  }
  return line;
}

}  // namespace

BenchRunnerOptions ProgressOnStderr(const verify::ComparePolicy& policy, const Environment& environment) {
  BenchRunnerOptions options;
  const size_t last_look = policy.looks.back();
  if (environment.progress) {
    options.on_run = [last_look](size_t pair, BenchSide side) {
      std::fprintf(stderr, "\r\033[K%s %d of at most %d, side %c ", pair == 0 ? "warm-up, pair" : "pair",
                   static_cast<int>(pair), static_cast<int>(last_look), side == BenchSide::kA ? 'A' : 'B');
    };
  }
  options.on_look = [progress = environment.progress](size_t pairs, const verify::ComparisonReport& report) {
    std::fprintf(stderr, "%s%s\n", progress ? "\r\033[K" : "", LookLine(pairs, report).c_str());
  };
  return options;
}

void EndProgress(const Environment& environment) {
  if (environment.progress) std::fprintf(stderr, "\r\033[K");
}

}  // namespace bitnet::xtask
