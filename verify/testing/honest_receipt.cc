#include "verify/testing/honest_receipt.h"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/sha256.h"
#include "bitnet/commitment/session_digest.h"
#include "bitnet/kernels/catalog/architecture.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/kat.h"
#include "bitnet/tensor/ternary_formats.h"
#include "verify/testing/honest_commitment.h"
#include "verify/testing/honest_schedule.h"

namespace bitnet::verify {
namespace {

using receipt::Evidence;
using receipt::Receipt;

// The machine that the times are told for.
constexpr double kReadBytesPerNs = 30.0;  // of the 40 GB/s that its read probe saw
constexpr uint64_t kReadProbeMbps = 40'000;
constexpr double kMacsPerCoreNs = 100.0;
constexpr uint64_t kLoadNs = 180'000'001;
constexpr uint64_t kLlcBytes = 32u << 20;
constexpr std::string_view kTimestamp = "2026-11-21T00:00:00Z";

// SplitMix64 (Steele, Lea and Flood 2014): the odd nanoseconds of real measurements.
class Jitter {
 public:
  explicit Jitter(uint64_t seed) : state_(seed) {}
  uint64_t Below(uint64_t limit) {
    state_ += 0x9e3779b97f4a7c15u;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % limit;
  }

 private:
  uint64_t state_;
};

std::string HexOf(std::string_view what) { return ToHex(Sha256Of(what)); }

// What the kernels of one phase took.
struct PhaseTimes {
  uint64_t kernel_ns[kKernelCount] = {};
  uint64_t span_ns = 0;    // the phase's forward passes
  uint64_t choose_ns = 0;  // argmax or sampling
  uint64_t phase_ns = 0;
};

PhaseTimes TimePhase(const HonestRun& run, const WorkTable& work, Jitter& jitter) {
  PhaseTimes times;
  const double macs_per_ns = kMacsPerCoreNs * static_cast<double>(std::min(run.threads, run.cores));
  for (const KernelInfo& info : KernelTable()) {
    const WorkCount& count = work[static_cast<int>(info.kernel)];
    if (count.calls == 0 || IsSpan(info.op)) continue;
    const double busy =
        std::max(static_cast<double>(count.bytes) / kReadBytesPerNs, static_cast<double>(count.macs) / macs_per_ns) /
        run.speed;
    const uint64_t ns = static_cast<uint64_t>(busy) + count.calls * 400 + jitter.Below(1 + count.calls * 20);
    times.kernel_ns[static_cast<int>(info.kernel)] = ns;
    (info.op == Op::kArgmax || info.op == Op::kSample ? times.choose_ns : times.span_ns) += ns;
  }
  for (const KernelInfo& info : KernelTable()) {
    const uint64_t calls = work[static_cast<int>(info.kernel)].calls;
    if (calls == 0 || !IsSpan(info.op)) continue;
    times.span_ns += calls * 3000 + jitter.Below(calls * 500);
    times.kernel_ns[static_cast<int>(info.kernel)] = times.span_ns;
  }
  times.phase_ns = times.span_ns + times.choose_ns + 700 + jitter.Below(5000);
  return times;
}

void FillModel(const HonestRun& run, Receipt& receipt) {
  Evidence::Model& model = *receipt.mutable_evidence()->mutable_model();
  model.set_file_sha256(HexOf("model file"));
  const uint64_t q_dim = run.arch.heads * run.arch.head_dim;
  const uint64_t kv_dim = run.arch.kv_heads * run.arch.head_dim;
  const uint64_t ternary = run.arch.layers * run.arch.hidden * (2 * q_dim + 2 * kv_dim + 3 * run.arch.ffn);
  const TernaryFormat* format = FindTernaryFormat(run.quantization_type);
  CHECK(format != nullptr) << run.quantization_type;
  model.set_file_bytes(ternary * format->bytes / format->bytes_weights +
                       run.arch.vocab * run.arch.hidden * (run.arch.untied_head ? 4 : 2) + 5'000'000);
  model.set_tensor_root(HexOf("tensor root"));
  model.set_ternary_digest(HexOf("ternary digest"));
  model.set_n_tensors((run.arch.sub_norms ? 11 : 9) * run.arch.layers + (run.arch.untied_head ? 3 : 2));
  const Architecture* architecture = FindArchitecture(run.arch_name);
  CHECK(architecture != nullptr) << run.arch_name;
  Evidence::Arch& arch = *model.mutable_arch();
  arch.set_name(run.arch_name);
  arch.set_layers(run.arch.layers);
  arch.set_hidden_size(run.arch.hidden);
  arch.set_ffn_size(run.arch.ffn);
  arch.set_heads(run.arch.heads);
  arch.set_kv_heads(run.arch.kv_heads);
  arch.set_head_dim(run.arch.head_dim);
  arch.set_vocab_size(run.arch.vocab);
  arch.set_context_length(run.context_length);
  arch.set_rms_eps_bits("f32:3727c5ac");
  arch.set_rope_freq_base_bits("f32:48f42400");
  arch.set_activation(std::string(ActivationName(run.arch.activation)));
  arch.set_sub_norms(run.arch.sub_norms);
  arch.set_tied_embeddings(!run.arch.untied_head);
  arch.set_rope_form(std::string(RopeFormName(architecture->rope)));

  // Kernels read I2_S; weights of another type are repacked while they are loaded.
  if (run.quantization_type != kNativeTernaryFormat) {
    Evidence::Repack& repack = *receipt.mutable_evidence()->add_repacks();
    repack.set_name(absl::StrCat(run.quantization_type, "_to_i2s"));
    repack.set_tensors(7 * run.arch.layers);
    repack.set_bytes(ternary / 4);
    repack.set_ns(kLoadNs / 3);
  }
  if (architecture->rope == RopeForm::kInterleaved) {
    Evidence::Repack& repack = *receipt.mutable_evidence()->add_repacks();
    repack.set_name(kRopeRowsRepack);
    repack.set_tensors(2 * run.arch.layers);
    repack.set_bytes(run.arch.layers * run.arch.hidden * (q_dim + kv_dim) / 4);
    repack.set_ns(kLoadNs / 7);
  }
  Evidence::Repack& head = *receipt.mutable_evidence()->add_repacks();
  head.set_name(kHeadScreenRepack);
  head.set_tensors(1);
  head.set_bytes(run.arch.vocab * run.arch.hidden);
  head.set_ns(kLoadNs / 5);

  receipt::ModelInfo& info = *receipt.mutable_model_info();
  info.set_model_path(run.model_path);
  info.set_quantization_type(run.quantization_type);
  info.set_layers(run.arch.layers);
  info.set_hidden_size(run.arch.hidden);
  info.set_num_attention_heads(run.arch.heads);
  info.set_num_key_value_heads(run.arch.kv_heads);
  info.set_vocab_size(run.arch.vocab);
  info.set_sha256(model.file_sha256());
}

void FillBuildAndHost(const HonestRun& run, IsaSet isa, Receipt& receipt) {
  Evidence::Arithmetic& arithmetic = *receipt.mutable_evidence()->mutable_arithmetic();
  arithmetic.set_profile("bitnet-t2i8-int32-ca1");
  arithmetic.set_order_independent(true);
  arithmetic.set_accumulators("int32-exact");
  arithmetic.set_float_order("ca1-lanes32");
  arithmetic.set_rope_table_digest(HexOf("rope table"));

  Evidence::Build& build = *receipt.mutable_evidence()->mutable_build();
  build.set_exe_sha256(HexOf("executable"));
  build.set_build_id("0123456789abcdef0123456789abcdef01234567");
  build.set_git_commit("89abcdef0123456789abcdef0123456789abcdef");
  build.set_dirty(false);
  build.set_compiler("g++ 12.2.0");
  build.set_flags("optimize=1 fast_math=0 ndebug=1 sanitizer=0 contract=off");
  build.set_flags_digest(ToHex(Sha256Of(build.flags())));
  build.set_registry_digest(ToHex(RegistryDigest()));
  build.set_kat_digest(kKatDigestHex);
  build.set_version("0.1.0");

  const IsaSet detected = IsaClosure(run.detected);
  Evidence::Host& host = *receipt.mutable_evidence()->mutable_host();
  for (std::string_view name : detected.Names()) host.add_cpu_features(std::string(name));
  for (std::string_view name : isa.Names()) host.add_isa_used(std::string(name));
  host.set_cores(run.cores);
  host.set_threads(run.threads);
  host.set_smt(true);
  host.set_governor("performance");
  host.set_mxcsr(kDefaultFloatControl);
  host.set_clocksource("tsc");
  host.set_llc_bytes(kLlcBytes);
  host.set_read_bw_probe_mbps(kReadProbeMbps);
  host.set_peak_rss_bytes(receipt.evidence().model().file_bytes() + 100'000'000);

  receipt.set_backend("cpu");
  receipt.set_backend_summary(absl::StrCat("requested=", run.isa_requested ? IsaName(run.isa) : "auto", " detected=[",
                                           absl::StrJoin(detected.Names(), ","), "] selected=", isa.Names().back()));
  (*receipt.mutable_environment())["OS"] = detected.Has(Isa::kNeon) ? "linux-aarch64" : "linux-x86_64";
  (*receipt.mutable_environment())["CPU_BRAND"] = "AMD EPYC 9R45";
  (*receipt.mutable_environment())["BITNET_VERSION"] = build.version();
}

void FillTokens(const HonestRun& run, Receipt& receipt) {
  Evidence& evidence = *receipt.mutable_evidence();
  evidence.mutable_outcome()->set_status("completed");
  evidence.mutable_outcome()->set_exit(0);
  evidence.mutable_outcome()->set_finish_reason(run.finish_reason);

  Evidence::Tokens& tokens = *evidence.mutable_tokens();
  tokens.set_tokenizer_sha256(HexOf("tokenizer"));
  tokens.set_prompt_ids_digest(HexOf("prompt ids"));
  tokens.set_output_ids_digest(HexOf("output ids"));
  tokens.set_prompt(run.prompt);
  tokens.set_generated(run.generated);
  tokens.set_kv_reused(run.kv_reused);
  tokens.set_eos_count(run.finish_reason == "eos" ? 1 : 0);
  tokens.set_terminal_eos(run.finish_reason == "eos");

  Evidence::Sampling& sampling = *evidence.mutable_sampling();
  sampling.set_mode(run.greedy ? "greedy" : "sample");
  sampling.set_tie("lowest_id");
  sampling.set_seed(run.seed);
  sampling.set_prng(run.greedy ? "none" : "philox4x32-10");
  sampling.set_temperature_bits(run.greedy ? "f32:00000000" : "f32:3f4ccccd");
  sampling.set_top_k(run.greedy ? 0 : 40);
  sampling.set_top_p_bits(run.greedy ? "f32:3f800000" : "f32:3f733333");
  sampling.set_min_p_bits("f32:00000000");
  sampling.set_repetition_penalty_bits("f32:3f800000");
  sampling.set_eog_masked(false);

  receipt.set_deterministic(true);
  receipt.set_tokens_requested(run.requested);
  receipt.set_tokens_generated(run.generated);
}

void FillKernels(const WorkTable& work, const PhaseTimes& prefill, const PhaseTimes& decode, Receipt& receipt) {
  bool ran[kOpCount] = {};
  for (const KernelInfo& info : KernelTable()) {
    const int index = static_cast<int>(info.kernel);
    if (work[index].calls == 0) continue;
    ran[static_cast<int>(info.op)] = true;
    Evidence::KernelCount& count = *receipt.mutable_evidence()->add_kernel_counts();
    count.set_id(std::string(info.id));
    count.set_calls(work[index].calls);
    count.set_rows(work[index].rows);
    count.set_macs(work[index].macs);
    count.set_bytes(work[index].bytes);
    count.set_ns(prefill.kernel_ns[index] + decode.kernel_ns[index]);
  }
  for (int op = 0; op < kOpCount; ++op) {
    if (ran[op]) receipt.add_kernels(std::string(OpReceiptId(static_cast<Op>(op))));
  }
}

// Kernels that dispatch can choose, for one row and for more, and that do work of their own.
uint64_t KernelTestsOf(IsaSet isa) {
  std::set<KernelId> kernels;
  for (int i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    if (!IsSpan(op)) kernels.insert({SelectKernel(op, 1, isa), SelectKernel(op, 2, isa)});
  }
  return kernels.size();
}

// Relative to the first reading of each clock, which is the start's.
void FillClock(const Evidence::Timing& timing, bool has_tsc, Evidence::Clock& clock) {
  const uint64_t wall = timing.wall_ns();
  Evidence::ClockTuple& start = *clock.mutable_start();
  start.set_monotonic_raw_ns(0);
  start.set_boottime_ns(0);
  start.set_realtime_ns(0);
  start.set_tsc(0);
  start.set_process_cpu_ns(0);
  Evidence::ClockTuple& end = *clock.mutable_end();
  end.set_monotonic_raw_ns(wall);
  end.set_boottime_ns(wall + wall / 1'000'000 * 40 + 81);  // slewed by 40 ppm
  end.set_realtime_ns(wall - wall / 1'000'000 * 30 + 143);
  end.set_tsc(has_tsc ? wall / 10 * 26 : 0);  // 2.6 GHz
  end.set_process_cpu_ns(timing.cpu_ns());
  clock.set_resolution_ns(1);
}

// The receipt is the lower median: half of the other repetitions, rounded down, were faster.
void FillSamples(uint64_t samples, const Evidence::Timing& timing, Jitter& jitter, Evidence::Perf& perf) {
  const uint64_t reported = samples / 3;
  const uint64_t faster = (samples - 1) / 2;
  perf.set_repetition(reported);
  uint64_t faster_so_far = 0;
  for (uint64_t i = 0; i < samples; ++i) {
    Evidence::Sample& sample = *perf.add_samples();
    const uint64_t difference = i == reported ? 0 : 101 + 10 * i + jitter.Below(10);
    const bool is_faster = i != reported && faster_so_far < faster;
    faster_so_far += is_faster ? 1 : 0;
    sample.set_prefill_ns(timing.prefill_ns() + difference);
    sample.set_decode_ns(is_faster ? timing.decode_ns() - difference : timing.decode_ns() + difference);
  }
}

// What the repetitions before the reported one took: the clocks of the receipt ran all the while.
uint64_t EarlierSamplesNs(const Evidence::Perf& perf) {
  uint64_t ns = 0;
  for (int i = 0; i < static_cast<int>(perf.repetition()); ++i) {
    ns += perf.samples(i).prefill_ns() + perf.samples(i).decode_ns();
  }
  return ns;
}

void FillTrace(const HonestRun& run, Receipt& receipt) {
  Evidence& evidence = *receipt.mutable_evidence();
  evidence.add_crit("trace");
  evidence.mutable_tokens()->set_prompt_ids_digest(IdsDigestOf(HonestPromptIds(run)));
  evidence.mutable_tokens()->set_output_ids_digest(IdsDigestOf(HonestOutputIds(run)));
  const CommitmentRoots roots = RootsOf(HonestCommitment(run, receipt));
  Evidence::Trace& trace = *evidence.mutable_trace();
  trace.set_alg("rfc6962-sha256");
  trace.set_density("t1");
  trace.set_session(ToHex(SessionDigest(receipt)));
  trace.set_size(roots.size);
  trace.set_numerics_root(ToHex(roots.numerics_root));
  trace.set_observed_size(roots.observed_size);
  trace.set_observed_root(ToHex(roots.observed_root));
  trace.set_closed(true);
}

}  // namespace

Receipt HonestReceipt(const HonestRun& run) {
  const IsaSet isa = IsaClosure(run.isa).Intersect(IsaClosure(run.detected)).Intersect(IsasWithKernels());
  Receipt receipt;
  receipt.set_schema_version("1.0.0");
  receipt.set_timestamp(std::string(kTimestamp));
  receipt.set_compute_path("real");
  receipt.mutable_test_results()->set_total_tests(KernelTestsOf(isa));
  receipt.mutable_test_results()->set_passed(KernelTestsOf(isa));
  receipt.mutable_test_results()->set_failed(0);
  receipt.mutable_performance_baseline();
  Evidence& evidence = *receipt.mutable_evidence();
  evidence.set_evidence_version("1");
  for (const char* member : {"outcome", "model", "build", "kernel_counts"}) evidence.add_crit(member);

  FillModel(run, receipt);
  FillBuildAndHost(run, isa, receipt);
  FillTokens(run, receipt);

  Jitter jitter(run.time_seed);
  const std::vector<ScheduleEntry> prefill_steps = HonestPrefill(run);
  const std::vector<ScheduleEntry> decode_steps = HonestDecode(run);
  FillSchedule(prefill_steps, evidence);
  FillSchedule(decode_steps, evidence);
  FillSpeculation(run, decode_steps, evidence);
  // As many rows of the head for every screened row of logits.
  const auto screening = [&](std::span<const ScheduleEntry> steps) {
    uint64_t rows = 0;
    for (const ScheduleEntry& entry : steps) rows += ScreensLogits(entry) ? entry.steps * entry.logit_rows : 0;
    return run.screened ? HeadScreening{true, rows * run.head_rows} : HeadScreening{};
  };
  const WorkTable prefill_work =
      ExpectedWork(run.arch, prefill_steps, run.kv_reused, 1, run.greedy, isa, screening(prefill_steps));
  const WorkTable decode_work =
      ExpectedWork(run.arch, decode_steps, run.prompt, run.generated - 1, run.greedy, isa, screening(decode_steps));
  const PhaseTimes prefill = TimePhase(run, prefill_work, jitter);
  const PhaseTimes decode = TimePhase(run, decode_work, jitter);
  WorkTable work = prefill_work;
  for (int i = 0; i < kKernelCount; ++i) work[i] += decode_work[i];
  FillKernels(work, prefill, decode, receipt);

  Evidence::Timing& timing = *evidence.mutable_timing();
  timing.set_load_ns(kLoadNs + jitter.Below(1'000'000));
  timing.set_prefill_ns(prefill.phase_ns);
  timing.set_decode_ns(decode.phase_ns);
  timing.set_overhead_ns(2'000'017 + jitter.Below(100'000));
  if (run.samples > 0) {
    FillSamples(run.samples, timing, jitter, *evidence.mutable_perf());
    timing.set_overhead_ns(timing.overhead_ns() + EarlierSamplesNs(evidence.perf()));
  }
  timing.set_wall_ns(timing.load_ns() + timing.prefill_ns() + timing.decode_ns() + timing.overhead_ns());
  const uint64_t busy_cores = std::min(run.threads, run.cores);
  timing.set_cpu_ns(timing.load_ns() / 2 + (timing.prefill_ns() + timing.decode_ns()) / 10 * 9 * busy_cores);
  timing.set_ttft_ns(timing.prefill_ns());
  FillClock(timing, /*has_tsc=*/!IsaClosure(run.detected).Has(Isa::kNeon), *timing.mutable_clock());

  Evidence::Perf& perf = *evidence.mutable_perf();
  const bool measured = run.generated >= 2;
  perf.set_status(measured ? "measured" : "not_measured");
  receipt.set_tokens_per_second(0.0);
  if (measured) {
    perf.set_decode_tps_num(run.generated - 1);
    perf.set_decode_tps_den_ns(timing.decode_ns());
    receipt.set_tokens_per_second(static_cast<double>(run.generated - 1) * 1e9 /
                                  static_cast<double>(timing.decode_ns()));
  }
  if (run.trace) FillTrace(run, receipt);
  return receipt;
}

}  // namespace bitnet::verify
