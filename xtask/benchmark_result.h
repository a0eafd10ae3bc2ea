// What a benchmark measured, and the ways to print it.

#ifndef XTASK_BENCHMARK_RESULT_H_
#define XTASK_BENCHMARK_RESULT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bitnet/engine/resident_memory.h"
#include "xtask/op_times.h"

namespace bitnet::xtask {

// Order statistics of one phase over its repetitions.
struct PhaseStatistics {
  double median_ns = 0;
  double mean_ns = 0;
  double stddev_ns = 0;  // sample standard deviation; 0 for one repetition
  double min_ns = 0;
  double max_ns = 0;
};
PhaseStatistics Summarise(const std::vector<uint64_t>& samples_ns);

// Index of the lower median, of equals the one that comes first in order; there is at least one sample.
size_t LowerMedian(const std::vector<uint64_t>& samples_ns);

// One test: prefill of n_prompt tokens, or decode of n_gen tokens of each sequence.
struct PhaseResult {
  std::string test;  // "pp512", "tg128", with drafts "tg128+7", of 8 sequences together "tg128x8"
  uint64_t n_prompt = 0;
  uint64_t n_gen = 0;
  uint64_t n_parallel = 1;    // sequences decoded together
  uint64_t timed_tokens = 0;  // tokens that samples_ns are the time of, of all sequences
  std::vector<uint64_t> samples_ns;
  // Decode only: bytes of weights and KV cache read per token, that times speed, and its share of the bandwidth probe.
  uint64_t bytes_per_token = 0;
  double read_bw_gbps = 0;
  double roofline_share = 0;
  // Of one repetition, how long the phase took and where that went: the one that the receipt is of, which has the lower
  // median of the decode times; of sequences together the one with the lower median of samples_ns.
  uint64_t total_ns = 0;
  std::vector<OpTime> ops;
  // Decode only: tokens drafted at once at most, drafted and accepted in the repetition that the receipt is about.
  uint64_t max_draft = 0;
  uint64_t drafted = 0;
  uint64_t accepted = 0;
};

// The fields of llama-bench that apply here keep their names; the rest is added.
struct BenchmarkResult {
  std::string build_commit;
  std::string cpu_info;
  std::string model_filename;
  std::string model_type;
  std::string quantization_type;
  uint64_t model_size = 0;      // bytes
  uint64_t model_n_params = 0;  // weights
  uint64_t n_batch = 0;         // prefill chunk
  int n_threads = 0;
  std::string isa;
  std::string test_time;
  uint64_t load_ns = 0;
  uint64_t ttft_ns = 0;  // load to the first token of the warm-up, cold session
  uint64_t peak_rss_bytes = 0;
  std::vector<MemoryUse> memory;  // after the repetitions; empty when the system does not say
  uint64_t kv_cache_bytes = 0;
  uint64_t probe_bw_mbps = 0;
  double probe_int8_gops = 0;  // 10^9 operations per second, two a multiply-accumulate
  std::string probe_int8_isa;  // of the instructions that reached it
  std::string output_ids_digest;
  std::string receipt;
  std::string verdict;
  std::vector<PhaseResult> phases;
};

enum class BenchmarkFormat { kMarkdown, kCsv, kJson, kJsonl };

std::string FormatBenchmark(const BenchmarkResult& result, BenchmarkFormat format);

}  // namespace bitnet::xtask

#endif  // XTASK_BENCHMARK_RESULT_H_
