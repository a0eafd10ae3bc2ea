#include "bitnet/engine/receipt_builder.h"

#include <bit>
#include <span>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/ca1.h"
#include "bitnet/kernels/catalog/architecture.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/tokenizer/utf8.h"

namespace bitnet {
namespace {

using receipt::Evidence;
using receipt::Receipt;

constexpr char kVersion[] = "1.0.0";

// Floats enter a receipt as bit patterns: decimal text would not survive every reader.
std::string FloatBits(float value) { return absl::StrFormat("f32:%08x", std::bit_cast<uint32_t>(value)); }

std::string IdsDigest(std::span<const TokenId> ids) {
  return ToHex(Sha256Of(std::span(reinterpret_cast<const uint8_t*>(ids.data()), ids.size_bytes())));
}

// A receipt is UTF-8; a file name may be anything.
std::string Utf8OrEscaped(const std::string& text) { return IsUtf8(text) ? text : absl::CHexEscape(text); }

bool Completed(const Completion& completion) { return completion.finish != FinishReason::kInterrupted; }

// The preferred instruction set of those that dispatch may use and has kernels for.
std::string_view BestIsa(IsaSet isa) { return isa.Names().back(); }

void FillModelInfo(const Session& session, const ModelDigests& digests, Receipt& out) {
  const LoadedModel& model = session.model();
  const ArchShape& shape = model.config.shape;
  receipt::ModelInfo& info = *out.mutable_model_info();
  info.set_model_path(Utf8OrEscaped(model.file.path()));
  info.set_quantization_type(model.weights.quantization_type);
  info.set_layers(shape.layers);
  info.set_hidden_size(shape.hidden);
  info.set_num_attention_heads(shape.heads);
  info.set_num_key_value_heads(shape.kv_heads);
  info.set_vocab_size(shape.vocab);
  info.set_sha256(ToHex(digests.file_sha256));
}

void FillOutcome(const Completion& completion, Evidence& evidence) {
  Evidence::Outcome& outcome = *evidence.mutable_outcome();
  outcome.set_status(Completed(completion) ? "completed" : "aborted");
  outcome.set_exit(Completed(completion) ? 0 : 130);  // 128 + SIGINT, as shells have it
  outcome.set_finish_reason(std::string(FinishReasonName(completion.finish)));
}

void FillArithmetic(const Session& session, Evidence& evidence) {
  Evidence::Arithmetic& arithmetic = *evidence.mutable_arithmetic();
  arithmetic.set_profile(ca1::kProfile);
  arithmetic.set_order_independent(true);
  arithmetic.set_accumulators("int32-exact");
  arithmetic.set_float_order("ca1-lanes32");
  arithmetic.set_rope_table_digest(ToHex(session.rope().digest()));
}

void FillModel(const Session& session, const ModelDigests& digests, Evidence& evidence) {
  const ModelConfig& config = session.model().config;
  Evidence::Model& model = *evidence.mutable_model();
  model.set_file_sha256(ToHex(digests.file_sha256));
  model.set_file_bytes(session.model().file.bytes().size());
  model.set_tensor_root(ToHex(digests.tensor_root));
  model.set_ternary_digest(ToHex(digests.ternary_digest));
  model.set_n_tensors(session.model().weights.tensor_count);
  Evidence::Arch& arch = *model.mutable_arch();
  arch.set_name(config.architecture);
  arch.set_layers(config.shape.layers);
  arch.set_hidden_size(config.shape.hidden);
  arch.set_ffn_size(config.shape.ffn);
  arch.set_heads(config.shape.heads);
  arch.set_kv_heads(config.shape.kv_heads);
  arch.set_head_dim(config.shape.head_dim);
  arch.set_vocab_size(config.shape.vocab);
  arch.set_context_length(config.context_length);
  arch.set_rms_eps_bits(FloatBits(config.rms_eps));
  arch.set_rope_freq_base_bits(FloatBits(config.rope_freq_base));
  arch.set_activation(std::string(ActivationName(config.shape.activation)));
  arch.set_sub_norms(config.shape.sub_norms);
  arch.set_tied_embeddings(!config.shape.untied_head);
  arch.set_rope_form(std::string(RopeFormName(config.rope_form)));
}

void FillRepacks(const Session& session, Evidence& evidence) {
  for (const RepackRecord& record : session.model().weights.repacks) {
    Evidence::Repack& repack = *evidence.add_repacks();
    repack.set_name(record.name);
    repack.set_tensors(record.tensors);
    repack.set_bytes(record.bytes);
    repack.set_ns(record.ns);
  }
}

void FillBuild(const Session& session, const BuildFacts& facts, Evidence& evidence) {
  Evidence::Build& build = *evidence.mutable_build();
  build.set_exe_sha256(facts.exe_sha256);
  build.set_build_id(facts.build_id);
  build.set_git_commit(facts.git_commit);
  build.set_dirty(facts.dirty);
  build.set_compiler(facts.compiler);
  build.set_flags(facts.flags);
  build.set_flags_digest(ToHex(Sha256Of(facts.flags)));
  build.set_registry_digest(ToHex(RegistryDigest()));
  build.set_kat_digest(ToHex(session.self_test().kat_digest));
  build.set_version(facts.version);
}

void FillHost(const Session& session, const RunFacts& run, Evidence& evidence) {
  Evidence::Host& host = *evidence.mutable_host();
  for (std::string_view name : run.detected_isa.Names()) host.add_cpu_features(std::string(name));
  for (std::string_view name : session.options().isa.Names()) host.add_isa_used(std::string(name));
  host.set_cores(static_cast<uint64_t>(run.host.logical_cores));
  host.set_threads(static_cast<uint64_t>(session.threads()));
  host.set_smt(run.host.smt);
  host.set_governor(run.host.governor);
  host.set_mxcsr(ReadFloatControl());
  host.set_clocksource(run.host.clocksource);
  host.set_llc_bytes(run.host.llc_bytes);
  host.set_read_bw_probe_mbps(run.read_bandwidth_mbps);
  host.set_peak_rss_bytes(PeakRssBytes());
}

void FillPrompt(std::span<const TokenId> prompt, const ModelDigests& digests, Evidence& evidence) {
  Evidence::Tokens& tokens = *evidence.mutable_tokens();
  tokens.set_tokenizer_sha256(ToHex(digests.tokenizer_sha256));
  tokens.set_prompt_ids_digest(IdsDigest(prompt));
  tokens.set_prompt(prompt.size());
  tokens.set_kv_reused(0);
}

void FillOutput(const Session& session, const Completion& completion, Evidence& evidence) {
  const Tokenizer& tokenizer = session.model().tokenizer;
  uint64_t eos_count = 0;
  for (TokenId id : completion.output) eos_count += tokenizer.IsEndOfGeneration(id) ? 1 : 0;
  Evidence::Tokens& tokens = *evidence.mutable_tokens();
  tokens.set_output_ids_digest(IdsDigest(completion.output));
  tokens.set_generated(completion.output.size());
  tokens.set_eos_count(eos_count);
  tokens.set_terminal_eos(completion.finish == FinishReason::kEos);
}

void FillSampling(const GenerateRequest& request, Evidence& evidence) {
  const SamplingParams& params = request.sampling;
  Evidence::Sampling& sampling = *evidence.mutable_sampling();
  const bool greedy = params.IsArgmax();
  sampling.set_mode(greedy ? "greedy" : "sample");
  sampling.set_tie("lowest_id");
  sampling.set_seed(params.seed);
  sampling.set_prng(greedy ? "none" : "philox4x32-10");
  sampling.set_temperature_bits(FloatBits(params.temperature));
  sampling.set_top_k(static_cast<uint64_t>(params.top_k));
  sampling.set_top_p_bits(FloatBits(params.top_p));
  sampling.set_min_p_bits(FloatBits(params.min_p));
  sampling.set_repetition_penalty_bits(FloatBits(params.repetition_penalty));
  sampling.set_eog_masked(request.ignore_eos);
  sampling.set_repetition_window(static_cast<uint64_t>(params.repetition_window));
}

void FillRecorded(const Recorder& recorder, Receipt& out) {
  Evidence& evidence = *out.mutable_evidence();
  for (const ScheduleEntry& entry : recorder.schedule()) {
    Evidence::ScheduleEntry& step = *evidence.add_schedule();
    step.set_kind(entry.kind == StepKind::kPrefill ? "prefill" : "decode");
    step.set_steps(entry.steps);
    step.set_rows(entry.rows);
    step.set_logit_rows(entry.logit_rows);
    if (entry.rejected_rows > 0) step.set_rejected_rows(entry.rejected_rows);
  }
  bool op_ran[kOpCount] = {};
  for (const KernelInfo& kernel : KernelTable()) {
    const KernelRecord& record = recorder.record(kernel.kernel);
    if (record.work.calls == 0) continue;
    op_ran[static_cast<int>(kernel.op)] = true;
    Evidence::KernelCount& count = *evidence.add_kernel_counts();
    count.set_id(std::string(kernel.id));
    count.set_calls(record.work.calls);
    count.set_rows(record.work.rows);
    count.set_macs(record.work.macs);
    count.set_bytes(record.work.bytes);
    count.set_ns(record.ns);
  }
  for (int op = 0; op < kOpCount; ++op) {
    if (op_ran[op]) out.add_kernels(std::string(OpReceiptId(static_cast<Op>(op))));
  }
}

// A run that drafted nothing is a run without speculation, whatever it was allowed.
void FillSpeculation(const GenerateRequest& request, const Completion& completion, Evidence& evidence) {
  if (completion.drafted == 0) return;
  evidence.add_crit("speculation");
  Evidence::Speculation& speculation = *evidence.mutable_speculation();
  speculation.set_method("prompt_lookup");
  speculation.set_max_draft(static_cast<uint64_t>(request.max_draft));
  speculation.set_drafted(completion.drafted);
  speculation.set_accepted(completion.accepted);
}

// Relative to `origin`, the first reading: absolute times of day and counters exceed the 2^53-1 of a receipt (RS-124).
void FillClocks(const ClockTuple& from, const ClockTuple& origin, Evidence::ClockTuple& to) {
  to.set_monotonic_raw_ns(from.monotonic_raw_ns - origin.monotonic_raw_ns);
  to.set_boottime_ns(from.boottime_ns - origin.boottime_ns);
  // Either may have been set back meanwhile: then there is no reading, and the auditor says so.
  if (from.realtime_ns >= origin.realtime_ns) to.set_realtime_ns(from.realtime_ns - origin.realtime_ns);
  if (from.tsc >= origin.tsc) to.set_tsc(from.tsc - origin.tsc);
  to.set_process_cpu_ns(from.process_cpu_ns - origin.process_cpu_ns);
}

void FillTiming(const Session& session, const Completion& completion, const RunFacts& run, Receipt& out) {
  Evidence& evidence = *out.mutable_evidence();
  Evidence::Timing& timing = *evidence.mutable_timing();
  const uint64_t wall = run.end.monotonic_raw_ns - run.start.monotonic_raw_ns;
  const uint64_t load = session.model().load_ns;
  timing.set_load_ns(load);
  timing.set_prefill_ns(completion.prefill_ns);
  timing.set_decode_ns(completion.decode_ns);
  timing.set_overhead_ns(wall - load - completion.prefill_ns - completion.decode_ns);
  timing.set_wall_ns(wall);
  timing.set_cpu_ns(run.end.process_cpu_ns - run.start.process_cpu_ns);
  timing.set_ttft_ns(completion.prefill_ns);
  FillClocks(run.start, run.start, *timing.mutable_clock()->mutable_start());
  FillClocks(run.end, run.start, *timing.mutable_clock()->mutable_end());
  timing.mutable_clock()->set_resolution_ns(ClockResolutionNs());

  // Fewer than two tokens have no decode time between them: nothing was measured, and nothing is claimed.
  Evidence::Perf& perf = *evidence.mutable_perf();
  const uint64_t after_first = completion.output.empty() ? 0 : completion.output.size() - 1;
  const bool measured = after_first > 0 && completion.decode_ns > 0;
  perf.set_status(measured ? "measured" : "not_measured");
  out.set_tokens_per_second(
      measured ? static_cast<double>(after_first) * 1e9 / static_cast<double>(completion.decode_ns) : 0.0);
  if (measured) {
    perf.set_decode_tps_num(after_first);
    perf.set_decode_tps_den_ns(completion.decode_ns);
  }
  if (run.samples.empty()) return;
  perf.set_repetition(run.repetition);
  for (const RunFacts::Sample& sample : run.samples) {
    Evidence::Sample& s = *perf.add_samples();
    s.set_prefill_ns(sample.prefill_ns);
    s.set_decode_ns(sample.decode_ns);
  }
}

void FillTrace(const Completion& completion, Evidence& evidence) {
  if (!completion.commitment) return;
  const CommitmentRoots& roots = completion.commitment->roots;
  evidence.add_crit("trace");
  Evidence::Trace& trace = *evidence.mutable_trace();
  trace.set_alg("rfc6962-sha256");
  trace.set_density("t1");
  trace.set_session(ToHex(completion.commitment->session));
  trace.set_size(roots.size);
  trace.set_numerics_root(ToHex(roots.numerics_root));
  trace.set_observed_size(roots.observed_size);
  trace.set_observed_root(ToHex(roots.observed_root));
  trace.set_closed(Completed(completion));
}

}  // namespace

std::string_view DeriveComputePath(const Session& session, const GenerateRequest& request,
                                   const Completion& completion) {
  const ArchShape& shape = session.model().config.shape;
  const Recorder& recorded = completion.recorded;
  const IsaSet isa = session.options().isa;
  const WorkTable expected = ExpectedWork(shape, recorded.schedule(), 0, completion.output.size(),
                                          request.sampling.IsArgmax(), isa, recorded.Screening(shape, isa));
  uint64_t prompt_rows = 0;
  uint64_t decode_rows = 0;
  for (const ScheduleEntry& entry : completion.recorded.schedule()) {
    (entry.kind == StepKind::kPrefill ? prompt_rows : decode_rows) += entry.steps * entry.kept_rows();
  }
  bool as_expected =
      Completed(completion) && prompt_rows == completion.prompt.size() && decode_rows + 1 == completion.output.size();
  for (const KernelInfo& kernel : KernelTable()) {
    as_expected &= completion.recorded.record(kernel.kernel).work == expected[static_cast<int>(kernel.kernel)];
  }
  return as_expected ? "real" : "incomplete";
}

Receipt RunHeader(const Session& session, const GenerateRequest& request, const ModelDigests& digests,
                  const std::optional<ChallengeFacts>& challenge) {
  Receipt out;
  Evidence& evidence = *out.mutable_evidence();
  out.set_tokens_requested(static_cast<uint64_t>(request.max_tokens));
  FillArithmetic(session, evidence);
  FillModel(session, digests, evidence);
  evidence.mutable_build()->set_registry_digest(ToHex(RegistryDigest()));
  FillPrompt(request.prompt, digests, evidence);
  FillSampling(request, evidence);
  if (challenge) {
    evidence.mutable_challenge()->set_nonce(challenge->nonce);
    evidence.mutable_challenge()->set_issued_by(challenge->issued_by);
    if (!challenge->plan_digest.empty()) evidence.mutable_challenge()->set_plan_digest(challenge->plan_digest);
  }
  return out;
}

Receipt BuildReceipt(const Session& session, const GenerateRequest& request, const Completion& completion,
                     const ModelDigests& digests, const BuildFacts& build, const RunFacts& run) {
  Receipt out = RunHeader(session, request, digests, run.challenge);
  out.set_schema_version(kVersion);
  out.set_timestamp(run.timestamp);
  out.set_compute_path(std::string(DeriveComputePath(session, request, completion)));
  out.set_backend("cpu");
  out.set_backend_summary(absl::StrCat("requested=", run.requested_isa, " detected=[",
                                       absl::StrJoin(run.detected_isa.Names(), ","),
                                       "] selected=", BestIsa(session.options().isa)));
  out.set_deterministic(true);  // CA-1, and either greedy or a seed that is on record
  out.set_tokens_generated(completion.output.size());
  for (const auto& [name, value] : run.environment) (*out.mutable_environment())[name] = value;
  (*out.mutable_environment())["OS"] = run.host.os;
  (*out.mutable_environment())["CPU_BRAND"] = run.host.cpu_brand;
  (*out.mutable_environment())["BITNET_VERSION"] = build.version;
  FillModelInfo(session, digests, out);
  receipt::TestResults& tests = *out.mutable_test_results();
  tests.set_total_tests(session.self_test().results.size());
  tests.set_passed(session.self_test().results.size());
  tests.set_failed(0);
  out.mutable_performance_baseline();

  Evidence& evidence = *out.mutable_evidence();
  evidence.set_evidence_version("1");
  for (const char* member : {"outcome", "model", "build", "kernel_counts"}) evidence.add_crit(member);
  FillOutcome(completion, evidence);
  FillRepacks(session, evidence);
  FillBuild(session, build, evidence);
  FillHost(session, run, evidence);
  FillOutput(session, completion, evidence);
  FillRecorded(completion.recorded, out);
  FillSpeculation(request, completion, evidence);
  FillTrace(completion, evidence);
  FillTiming(session, completion, run, out);
  return out;
}

}  // namespace bitnet
