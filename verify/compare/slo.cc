#include "verify/compare/slo.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/log/check.h"
#include "verify/compare/rank_intervals.h"

namespace bitnet::verify {
namespace {

std::optional<double> PerSecond(uint64_t tokens, std::optional<uint64_t> ns) {
  if (ns.value_or(0) == 0) return std::nullopt;
  return static_cast<double>(tokens) * 1e9 / static_cast<double>(*ns);
}

std::optional<double> Scaled(std::optional<uint64_t> value, double unit) {
  if (!value) return std::nullopt;
  return static_cast<double>(*value) / unit;
}

// In the unit of the limit; empty when the run does not say.
std::optional<double> ValueOf(std::optional<double> SloLimits::*limit, const MeasuredRun& run) {
  if (limit == &SloLimits::min_decode_tps) {
    return run.generated_tokens < 2 ? std::nullopt : PerSecond(run.generated_tokens - 1, run.decode_ns);
  }
  if (limit == &SloLimits::min_prefill_tps) return PerSecond(run.prompt_tokens, run.prefill_ns);
  if (limit == &SloLimits::max_ttft_ms) return Scaled(run.prefill_ns, 1e6);
  if (limit == &SloLimits::max_load_ms) return Scaled(run.load_ns, 1e6);
  if (limit == &SloLimits::max_peak_rss_mib) return Scaled(run.peak_rss_bytes, 1 << 20);
  return std::nullopt;
}

GateVerdict Judge(const RatioInterval& measured, double limit, bool is_minimum) {
  if (is_minimum ? measured.lower >= limit : measured.upper <= limit) return GateVerdict::kPass;
  if (is_minimum ? measured.upper < limit : measured.lower > limit) return GateVerdict::kFail;
  return GateVerdict::kInconclusive;
}

}  // namespace

std::vector<SloResult> JudgeSlo(std::span<const MeasuredRun> runs, const SloLimits& limits, double alpha) {
  CHECK(!runs.empty());
  std::vector<SloResult> results;
  for (const SloField& field : SloFields()) {
    const std::optional<double>& limit = limits.*field.limit;
    if (!limit) continue;
    SloResult result{field.name, *limit};
    std::vector<double> values;
    for (const MeasuredRun& run : runs) {
      if (const std::optional<double> value = ValueOf(field.limit, run)) values.push_back(*value);
    }
    if (values.size() == runs.size()) {
      const double largest = *std::ranges::max_element(values);
      const bool is_peak = field.limit == &SloLimits::max_peak_rss_mib;
      result.measured = is_peak ? RatioInterval{largest, largest, largest} : SignedRankInterval(values, alpha);
      result.verdict = Judge(result.measured, result.limit, field.is_minimum);
    }
    results.push_back(result);
  }
  return results;
}

}  // namespace bitnet::verify
