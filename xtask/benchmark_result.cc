#include "xtask/benchmark_result.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "xtask/memory_table.h"

namespace bitnet::xtask {
namespace {

double TokensPerSecond(const PhaseResult& phase, double ns) {
  return static_cast<double>(phase.timed_tokens) * 1e9 / ns;
}

// One flat row per phase, as llama-bench has it.
JsonValue::Object Row(const BenchmarkResult& result, const PhaseResult& phase) {
  const PhaseStatistics stats = Summarise(phase.samples_ns);
  JsonValue::Array samples_ns, samples_ts;
  std::vector<double> speeds;
  for (uint64_t ns : phase.samples_ns) {
    speeds.push_back(TokensPerSecond(phase, static_cast<double>(ns)));
    samples_ns.push_back(JsonValue::Uint(ns));
    samples_ts.push_back(JsonValue::Double(speeds.back()));
  }
  const double mean_ts = std::accumulate(speeds.begin(), speeds.end(), 0.0) / static_cast<double>(speeds.size());
  double variance = 0;
  for (double speed : speeds) variance += (speed - mean_ts) * (speed - mean_ts);
  const double stddev_ts = speeds.size() > 1 ? std::sqrt(variance / static_cast<double>(speeds.size() - 1)) : 0;
  JsonValue::Object row;
  const auto text = [&](const char* name, const std::string& value) {
    row.push_back({name, JsonValue::String(value)});
  };
  const auto count = [&](const char* name, uint64_t value) { row.push_back({name, JsonValue::Uint(value)}); };
  const auto real = [&](const char* name, double value) { row.push_back({name, JsonValue::Double(value)}); };
  text("build_commit", result.build_commit);
  count("build_number", 0);
  text("cpu_info", result.cpu_info);
  text("gpu_info", "");
  text("backends", "CPU");
  text("model_filename", result.model_filename);
  text("model_type", result.model_type);
  count("model_size", result.model_size);
  count("model_n_params", result.model_n_params);
  count("n_batch", result.n_batch);
  count("n_ubatch", result.n_batch);
  count("n_threads", static_cast<uint64_t>(result.n_threads));
  text("cpu_mask", "0x0");
  row.push_back({"cpu_strict", JsonValue::Bool(true)});  // workers are pinned
  count("poll", 50);                                     // they spin before they sleep
  text("type_k", "f16");
  text("type_v", "f16");
  count("n_gpu_layers", 0);
  text("split_mode", "none");
  count("main_gpu", 0);
  row.push_back({"no_kv_offload", JsonValue::Bool(true)});
  row.push_back({"flash_attn", JsonValue::Bool(false)});
  text("tensor_split", "0.00");
  row.push_back({"use_mmap", JsonValue::Bool(true)});
  row.push_back({"embeddings", JsonValue::Bool(false)});
  count("n_prompt", phase.n_prompt);
  count("n_gen", phase.n_gen);
  count("n_depth", 0);
  text("test_time", result.test_time);
  real("avg_ns", stats.mean_ns);
  real("stddev_ns", stats.stddev_ns);
  real("avg_ts", mean_ts);
  real("stddev_ts", stddev_ts);
  row.push_back({"samples_ns", JsonValue::MakeArray(std::move(samples_ns))});
  row.push_back({"samples_ts", JsonValue::MakeArray(std::move(samples_ts))});
  text("test", phase.test);
  real("median_ns", stats.median_ns);
  real("median_ts", TokensPerSecond(phase, stats.median_ns));
  real("min_ts", TokensPerSecond(phase, stats.max_ns));
  real("max_ts", TokensPerSecond(phase, stats.min_ns));
  count("timed_tokens", phase.timed_tokens);
  text("quantization_type", result.quantization_type);
  text("isa", result.isa);
  count("load_ns", result.load_ns);
  count("ttft_ns", result.ttft_ns);
  count("peak_rss_bytes", result.peak_rss_bytes);
  count("kv_cache_bytes", result.kv_cache_bytes);
  real("probe_bw_gbps", static_cast<double>(result.probe_bw_mbps) / 1000);
  real("probe_int8_gops", result.probe_int8_gops);
  text("probe_int8_isa", result.probe_int8_isa);
  count("bytes_per_token", phase.bytes_per_token);
  real("read_bw_gbps", phase.read_bw_gbps);
  real("roofline_share", phase.roofline_share);
  count("n_parallel", phase.n_parallel);
  count("max_draft", phase.max_draft);
  count("drafted", phase.drafted);
  count("accepted", phase.accepted);
  // No receipt describes sequences that were decoded together.
  const bool described = phase.n_parallel == 1;
  text("output_ids_digest", described ? result.output_ids_digest : "");
  text("receipt", described ? result.receipt : "");
  text("verdict", described ? result.verdict : "");
  return row;
}

double Ratio(double value, double of) { return of > 0 ? value / of : 0; }

// The row and where its time went. CSV has rows of plain values only.
JsonValue::Object RowWithOps(const BenchmarkResult& result, const PhaseResult& phase) {
  JsonValue::Object row = Row(result, phase);
  JsonValue::Array ops;
  for (const OpTime& op : phase.ops) {
    ops.push_back(JsonValue::MakeObject(
        {{"op", JsonValue::String(op.op)},
         {"calls", JsonValue::Uint(op.calls)},
         {"ns", JsonValue::Uint(op.ns)},
         {"share", JsonValue::Double(Ratio(static_cast<double>(op.ns), static_cast<double>(phase.total_ns)))},
         {"macs", JsonValue::Uint(op.macs)},
         {"bytes", JsonValue::Uint(op.bytes)},
         {"read_bw_gbps", JsonValue::Double(op.gbps())},
         {"read_bw_share", JsonValue::Double(Ratio(op.gbps() * 1000, static_cast<double>(result.probe_bw_mbps)))},
         {"gops", JsonValue::Double(op.gops())},
         {"gops_share", JsonValue::Double(Ratio(op.gops(), result.probe_int8_gops))}}));
  }
  JsonValue::Array memory;
  for (const MemoryUse& use : result.memory) memory.push_back(MemoryUseJson(use));
  row.push_back({"memory", JsonValue::MakeArray(std::move(memory))});
  row.push_back({"ops_total_ns", JsonValue::Uint(phase.total_ns)});
  row.push_back({"ops", JsonValue::MakeArray(std::move(ops))});
  return row;
}

// Where the time of each phase went.
std::string OpTables(const BenchmarkResult& result) {
  std::string out;
  for (const PhaseResult& phase : result.phases) {
    absl::StrAppendFormat(
        &out, "\n| %-18s |   time |     calls |   ms/call | read GB/s | of probe |   GOP/s | of peak |\n", phase.test);
    absl::StrAppend(
        &out, "| ------------------ | -----: | --------: | --------: | --------: | -------: | ------: | ------: |\n");
    for (const OpTime& op : phase.ops) {
      std::string calls = "-", each = "-", gbps = "-", of_probe = "-", gops = "-", of_peak = "-";
      if (op.calls > 0) {
        calls = absl::StrCat(op.calls);
        each = absl::StrFormat("%.4f", static_cast<double>(op.ns) * 1e-6 / static_cast<double>(op.calls));
      }
      if (op.macs > 0) {
        gbps = absl::StrFormat("%.1f", op.gbps());
        gops = absl::StrFormat("%.1f", op.gops());
        of_probe = absl::StrFormat("%.0f %%", 100 * Ratio(op.gbps() * 1000, static_cast<double>(result.probe_bw_mbps)));
        of_peak = absl::StrFormat("%.1f %%", 100 * Ratio(op.gops(), result.probe_int8_gops));
      }
      absl::StrAppendFormat(&out, "| %-18s | %4.1f %% | %9s | %9s | %9s | %8s | %7s | %7s |\n", op.op,
                            100 * Ratio(static_cast<double>(op.ns), static_cast<double>(phase.total_ns)), calls, each,
                            gbps, of_probe, gops, of_peak);
    }
  }
  absl::StrAppendFormat(&out, "\nprobes: read %.1f GB/s, int8 %.0f GOP/s (%s), %d threads\n",
                        static_cast<double>(result.probe_bw_mbps) / 1000, result.probe_int8_gops, result.probe_int8_isa,
                        result.n_threads);
  return out;
}

std::string Markdown(const BenchmarkResult& result) {
  std::string out =
      absl::StrFormat("model %s, %s, %.2f GB, %d threads, %s, load %.0f ms, first token %.0f ms, peak RSS %.2f GB\n\n",
                      result.model_type, result.quantization_type, static_cast<double>(result.model_size) * 1e-9,
                      result.n_threads, result.isa, static_cast<double>(result.load_ns) * 1e-6,
                      static_cast<double>(result.ttft_ns) * 1e-6, static_cast<double>(result.peak_rss_bytes) * 1e-9);
  absl::StrAppend(&out, "| test  | tok/s (median) |   min |   max | ms/token | read GB/s | of probe |\n",
                  "| ----- | -------------: | ----: | ----: | -------: | --------: | -------: |\n");
  for (const PhaseResult& phase : result.phases) {
    const PhaseStatistics stats = Summarise(phase.samples_ns);
    std::string bandwidth = "-", share = "-";
    if (phase.bytes_per_token > 0) bandwidth = absl::StrFormat("%.1f", phase.read_bw_gbps);
    if (phase.roofline_share > 0) share = absl::StrFormat("%.0f %%", phase.roofline_share * 100);
    absl::StrAppendFormat(&out, "| %-5s | %14.2f | %5.1f | %5.1f | %8.3f | %9s | %8s |\n", phase.test,
                          TokensPerSecond(phase, stats.median_ns), TokensPerSecond(phase, stats.max_ns),
                          TokensPerSecond(phase, stats.min_ns),
                          stats.median_ns * 1e-6 / static_cast<double>(phase.timed_tokens), bandwidth, share);
  }
  for (const PhaseResult& phase : result.phases) {
    if (phase.max_draft == 0) continue;
    absl::StrAppendFormat(&out, "\n%s: %u of %u drafted tokens accepted\n", phase.test, phase.accepted, phase.drafted);
  }
  absl::StrAppend(&out, OpTables(result), MemoryTable(result.memory));
  absl::StrAppendFormat(&out, "peak RSS %.3f GB", static_cast<double>(result.peak_rss_bytes) * 1e-9);
  if (!result.memory.empty()) {
    absl::StrAppendFormat(&out, ", %.2f of file and filled KV cache",
                          Ratio(static_cast<double>(result.peak_rss_bytes),
                                static_cast<double>(result.model_size + ResidentOf(result.memory, "kv_cache"))));
  }
  return out + "\n";
}

// RFC 4180 quoting for every field; arrays as their JSON text.
std::string Csv(const BenchmarkResult& result) {
  std::string out;
  for (const PhaseResult& phase : result.phases) {
    const JsonValue::Object row = Row(result, phase);
    std::vector<std::string> names, values;
    for (const JsonMember& member : row) {
      names.push_back(member.name);
      std::string text = member.value.is_string() ? member.value.string() : CanonicalJson(member.value);
      std::string quoted = "\"";
      for (char c : text) quoted.append(c == '"' ? "\"\"" : std::string(1, c));
      values.push_back(quoted + "\"");
    }
    if (out.empty()) absl::StrAppend(&out, absl::StrJoin(names, ","), "\n");
    absl::StrAppend(&out, absl::StrJoin(values, ","), "\n");
  }
  return out;
}

}  // namespace

PhaseStatistics Summarise(const std::vector<uint64_t>& samples_ns) {
  std::vector<double> sorted(samples_ns.begin(), samples_ns.end());
  std::sort(sorted.begin(), sorted.end());
  const size_t n = sorted.size();
  PhaseStatistics stats;
  if (n == 0) return stats;
  stats.min_ns = sorted.front();
  stats.max_ns = sorted.back();
  stats.median_ns = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  stats.mean_ns = std::accumulate(sorted.begin(), sorted.end(), 0.0) / static_cast<double>(n);
  double variance = 0;
  for (double sample : sorted) variance += (sample - stats.mean_ns) * (sample - stats.mean_ns);
  stats.stddev_ns = n > 1 ? std::sqrt(variance / static_cast<double>(n - 1)) : 0;
  return stats;
}

size_t LowerMedian(const std::vector<uint64_t>& samples_ns) {
  std::vector<size_t> order(samples_ns.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return samples_ns[a] < samples_ns[b]; });
  return order[(order.size() - 1) / 2];
}

std::string FormatBenchmark(const BenchmarkResult& result, BenchmarkFormat format) {
  switch (format) {
    case BenchmarkFormat::kMarkdown:
      return Markdown(result);
    case BenchmarkFormat::kCsv:
      return Csv(result);
    case BenchmarkFormat::kJson: {
      JsonValue::Array rows;
      for (const PhaseResult& phase : result.phases) rows.push_back(JsonValue::MakeObject(RowWithOps(result, phase)));
      return absl::StrCat(WritePrettyJson(JsonValue::MakeArray(std::move(rows))), "\n");
    }
    case BenchmarkFormat::kJsonl: {
      std::string out;
      for (const PhaseResult& phase : result.phases) {
        absl::StrAppend(&out, CanonicalJson(JsonValue::MakeObject(RowWithOps(result, phase))), "\n");
      }
      return out;
    }
  }
  return "";
}

}  // namespace bitnet::xtask
