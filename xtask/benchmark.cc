// xtask benchmark: prefill and decode speed of a model, with a receipt of the median repetition.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/resident_memory.h"
#include "bitnet/engine/session.h"
#include "bitnet/kernels/peaks/int8_peak.h"
#include "bitnet/kernels/peaks/read_bandwidth.h"
#include "xtask/benchmark_parallel.h"
#include "xtask/benchmark_phases.h"
#include "xtask/benchmark_report.h"
#include "xtask/benchmark_result.h"
#include "xtask/commands.h"
#include "xtask/diagnostics.h"
#include "xtask/distinct_paths.h"
#include "xtask/engine_flags.h"
#include "xtask/model_cache.h"
#include "xtask/random_prompt.h"
#include "xtask/receipt_flags.h"
#include "xtask/receipt_output.h"

namespace bitnet::xtask {
namespace {

constexpr int kProbePasses = 3;
// Every repetition is a sample in the receipt, whose size is limited.
constexpr int kMaxRepetitions = 500;

struct BenchmarkOptions {
  EngineFlags engine;
  std::string model;
  std::optional<std::string> prompt;
  int64_t prompt_tokens = 512;
  std::optional<uint64_t> prompt_seed;
  int64_t tokens = 128;
  int repetitions = 5;
  int64_t parallel = 1;
  int64_t speculate = 0;
  std::string format = "md";
  std::string report;  // HTML file; empty: none
  ReceiptFlags receipt;
};

// The same for every benchmark that names no other, but for one that answers a challenge: nobody can have seen that
// prompt before.
uint64_t PromptSeed(const BenchmarkOptions& options, const std::optional<ChallengeFacts>& challenge) {
  if (!challenge) return options.prompt_seed.value_or(1);
  const Digest digest = Sha256Of(absl::StrCat("bnr1/prompt\n", challenge->nonce));
  uint64_t seed = 0;
  std::memcpy(&seed, digest.data(), sizeof(seed));
  return seed;
}

struct Repetition {
  Completion completion;
  ClockTuple end;
  Commitment commitment;  // when a file of it is wanted
};

// What every repetition of a benchmark has in common.
struct Plan {
  const ReceiptFlags& flags;
  const Provenance& provenance;
  const RunContext& run;
};

// One whole run, prompt and generation, from an empty cache.
absl::StatusOr<Repetition> RunOnce(Session& session, GenerateRequest& request, const Plan& plan) {
  session.Reset();
  const std::unique_ptr<Committer> committer = StartCommitment(plan.flags, session, request, plan.provenance, plan.run);
  request.committer = committer.get();
  BITNET_ASSIGN_OR_RETURN(Completion completion, Generate(session, request, [](std::string_view) {}));
  if (completion.finish == FinishReason::kInterrupted) return absl::CancelledError("interrupted; nothing was written");
  const ClockTuple end = ReadClocks();
  request.committer = nullptr;
  return Repetition{std::move(completion), end, committer ? committer->commitment() : Commitment()};
}

// The repetition that the receipt is of: the one with the lower median of the decode times.
size_t MedianRepetition(const std::vector<Repetition>& repetitions) {
  std::vector<uint64_t> times;
  for (const Repetition& repetition : repetitions) times.push_back(repetition.completion.decode_ns);
  return LowerMedian(times);
}

uint64_t ParameterCount(const ModelConfig& config) {
  const ArchShape& shape = config.shape;
  const uint64_t ternary = shape.layers * (2 * config.q_dim() * shape.hidden + 2 * config.kv_dim() * shape.hidden +
                                           3 * shape.hidden * shape.ffn);
  const uint64_t norms = shape.layers * (2 * shape.hidden + config.q_dim() + shape.ffn) + shape.hidden;
  return ternary + norms + shape.vocab * shape.hidden;
}

std::vector<PhaseResult> PhasesOf(const Session& session, const std::vector<Repetition>& repetitions,
                                  const RunContext& run, const GenerateRequest& request) {
  std::vector<const Completion*> completions;
  for (const Repetition& repetition : repetitions) completions.push_back(&repetition.completion);
  return SinglePhases({.shape = session.model().config.shape,
                       .isa = session.options().isa,
                       .shown = run.repetition,
                       .max_draft = request.max_draft,
                       .probe_mbps = run.read_bandwidth_mbps},
                      completions);
}

absl::StatusOr<std::string> ReceiptPath(const BenchmarkOptions& options, const Environment& environment) {
  if (!options.receipt.receipt.empty()) return options.receipt.receipt;
  const std::string folder = absl::StrCat(environment.cache_dir, "/receipts");
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return absl::InternalError(absl::StrCat("cannot create ", folder, ": ", error.message()));
  return absl::StrCat(folder, "/benchmark-", absl::FormatTime("%Y%m%dT%H%M%SZ", absl::Now(), absl::UTCTimeZone()),
                      ".json");
}

BenchmarkFormat ParseFormat(const std::string& name) {
  if (name == "csv") return BenchmarkFormat::kCsv;
  if (name == "json") return BenchmarkFormat::kJson;
  if (name == "jsonl") return BenchmarkFormat::kJsonl;
  return BenchmarkFormat::kMarkdown;
}

absl::StatusOr<std::vector<Repetition>> Measure(Session& session, GenerateRequest& request, const Plan& plan,
                                                int repetitions, bool progress) {
  std::vector<Repetition> done;
  for (int i = 0; i < repetitions; ++i) {
    if (progress) std::fprintf(stderr, "\rrepetition %d of %d ", i + 1, repetitions);
    BITNET_ASSIGN_OR_RETURN(Repetition repetition, RunOnce(session, request, plan));
    if (!done.empty() && repetition.completion.output != done.front().completion.output) {
      return absl::InternalError(
          absl::StrCat("repetition ", i + 1, " generated other tokens than the first: this machine computes wrongly"));
    }
    done.push_back(std::move(repetition));
  }
  if (progress) std::fprintf(stderr, "\r\033[K");
  return done;
}

absl::StatusOr<int> RunBenchmark(const BenchmarkOptions& options, const CommandContext& context) {
  const Environment& environment = context.environment;
  std::string path = options.model;
  if (path.empty()) {
    BITNET_ASSIGN_OR_RETURN(path, DefaultModelPath(environment, context.interrupted));
  }
  ReceiptFlags receipt = options.receipt;
  BITNET_ASSIGN_OR_RETURN(receipt.receipt, ReceiptPath(options, environment));
  RunContext run;
  BITNET_ASSIGN_OR_RETURN(run.challenge, ReadChallenge(receipt));
  if (options.parallel > 1 && options.tokens < 2) {
    return absl::InvalidArgumentError("--parallel: sequences decode together from their second token on; ask for -n 2");
  }
  if (run.challenge && options.prompt_seed) {
    return absl::InvalidArgumentError("--prompt-seed: the prompt of a run with --challenge comes from the nonce");
  }
  BITNET_RETURN_IF_ERROR(CheckDistinct(
      {{"--model", path}, {"--challenge", receipt.challenge}},
      {{"--receipt", receipt.receipt}, {"--commitment", receipt.commitment}, {"--report", options.report}}));
  std::optional<AtomicFile> report_file;
  if (!options.report.empty()) {
    BITNET_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(options.report));
    report_file.emplace(std::move(file));
  }
  BITNET_RETURN_IF_ERROR(ClearReceiptPaths(receipt));
  run.start = ReadClocks();
  run.host = ReadHostInfo();
  run.detected_isa = DetectIsaSet();
  run.requested_isa = options.engine.isa;
  BITNET_ASSIGN_OR_RETURN(const IsaSet isa, ResolveIsa(options.engine.isa, run.detected_isa));
  ThreadPool pool(ResolveThreads(options.engine, run.host));
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<const LoadedModel> model, LoadedModel::Load(path, pool));
  BITNET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Session> session,
      Session::Create(*model, pool,
                      {.isa = isa, .context = options.engine.context, .prefill_chunk = options.engine.prefill_chunk}));
  GenerateRequest request;
  request.prompt = !options.prompt
                       ? RandomPrompt(model->tokenizer, options.prompt_tokens, PromptSeed(options, run.challenge))
                       : model->tokenizer.Encode(*options.prompt, {.add_bos = true, .parse_special = false});
  request.max_tokens = options.tokens;
  request.ignore_eos = true;
  request.max_draft = options.speculate;
  request.max_schedule = ScheduleLimit(options.repetitions);
  request.cancelled = &context.interrupted;

  const uint64_t hashing = NowNs();
  BITNET_ASSIGN_OR_RETURN(const Provenance provenance, ReadProvenance(*session));
  const uint64_t hashed_ns = NowNs() - hashing;
  BITNET_RETURN_IF_ERROR(CheckStrict(receipt, provenance.build, environment));
  const Plan plan{receipt, provenance, run};
  if (environment.progress) std::fprintf(stderr, "warm-up ");
  BITNET_ASSIGN_OR_RETURN(const Repetition warm_up, RunOnce(*session, request, plan));
  const uint64_t cold_ttft = warm_up.end.monotonic_raw_ns - warm_up.completion.decode_ns - run.start.monotonic_raw_ns -
                             hashed_ns;  // hashing is for the receipt alone
  // Before and after: on a shared machine the better of the two is nearer to what the run could have had.
  const uint64_t bandwidth_before = ProbeReadBandwidthMbps(model->StreamedBytes(), pool, kProbePasses);
  BITNET_ASSIGN_OR_RETURN(std::vector<Repetition> repetitions,
                          Measure(*session, request, plan, options.repetitions, environment.progress));
  BenchmarkResult result;
  result.peak_rss_bytes = PeakRssBytes();
  result.memory = MemoryUseOf(*session);
  run.read_bandwidth_mbps =
      std::max(bandwidth_before, ProbeReadBandwidthMbps(model->StreamedBytes(), pool, kProbePasses));
  const Int8Peak int8_peak = ProbeInt8Peak(isa, pool, kProbePasses);
  run.repetition = MedianRepetition(repetitions);
  run.end = repetitions[run.repetition].end;
  for (const Repetition& repetition : repetitions) {
    run.samples.push_back({repetition.completion.prefill_ns, repetition.completion.decode_ns});
  }
  BITNET_ASSIGN_OR_RETURN(const RunReport report,
                          WriteReceipt(receipt, *session, request, repetitions[run.repetition].completion, run,
                                       provenance, repetitions[run.repetition].commitment, environment));

  const receipt::Evidence& evidence = report.receipt.evidence();
  result.build_commit = evidence.build().git_commit();
  result.cpu_info = run.host.cpu_brand;
  result.model_filename = path;
  // The name is the file's: it may hold anything.
  result.model_type =
      model->config.name.empty() ? model->config.architecture : absl::Utf8SafeCHexEscape(model->config.name);
  result.quantization_type = model->weights.quantization_type;
  result.model_size = model->file.bytes().size();
  result.model_n_params = ParameterCount(model->config);
  result.n_batch = static_cast<uint64_t>(session->options().prefill_chunk);
  result.n_threads = pool.size();
  result.isa = std::string(isa.Names().back());
  result.test_time = report.receipt.timestamp();
  result.load_ns = model->load_ns;
  result.ttft_ns = cold_ttft;
  result.kv_cache_bytes = session->kv_cache_bytes();
  result.probe_bw_mbps = run.read_bandwidth_mbps;
  result.probe_int8_gops = int8_peak.ops_per_second * 1e-9;
  result.probe_int8_isa = std::string(IsaName(int8_peak.isa));
  result.output_ids_digest = evidence.tokens().output_ids_digest();
  result.receipt = receipt.receipt;
  result.verdict = std::string(verify::VerdictName(report.audit.verdict));
  result.phases = PhasesOf(*session, repetitions, run, request);
  // What was measured is shown even when this fails, or the page cannot be written.
  absl::Status together;
  if (options.parallel > 1) {
    if (environment.progress) std::fprintf(stderr, "\r%d sequences together ", static_cast<int>(options.parallel));
    const absl::StatusOr<PhaseResult> parallel =
        MeasureParallel(*session, pool, request, repetitions.front().completion.output,
                        {options.parallel, PromptSeed(options, run.challenge) + 1, options.repetitions});
    if (environment.progress) std::fprintf(stderr, "\r\033[K");
    if (parallel.ok()) result.phases.push_back(*parallel);
    together = parallel.status();
  }
  const BenchmarkFormat format = ParseFormat(options.format);
  std::fputs(FormatBenchmark(result, format).c_str(), stdout);
  std::fflush(stdout);
  // The verdict comes last; where a program reads stdout it is a field of its own and the line goes to stderr.
  std::FILE* verdict_stream = format == BenchmarkFormat::kMarkdown ? stdout : stderr;
  std::fprintf(verdict_stream, "\n%s\n", VerdictLine(report.audit, receipt.receipt).c_str());
  if (report_file) {
    BITNET_RETURN_IF_ERROR(report_file->Write(BenchmarkReportHtml(result)));
    BITNET_RETURN_IF_ERROR(report_file->Commit());
  }
  BITNET_RETURN_IF_ERROR(together);
  return VerdictExitCode(report.audit);
}

}  // namespace

void AddBenchmarkCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<BenchmarkOptions>();
  CLI::App& command = *app.add_subcommand("benchmark", "Measure prefill and decode, write a receipt, audit it");
  command.add_option("-m,--model", options->model,
                     "GGUF model file (default: a synthetic 2B-4T model, made once in the cache)");
  command.add_option("--prompt", options->prompt, "Prompt text instead of --prompt-tokens seeded random ids");
  command.add_option("-p,--prompt-tokens", options->prompt_tokens, "Prompt length")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 20));
  command.add_option("--prompt-seed", options->prompt_seed, "Seed of the random ids (default: 1, or the nonce's)")
      ->check(CLI::Range(uint64_t{0}, (uint64_t{1} << 53) - 1));
  command.add_option("-n,--tokens", options->tokens, "Tokens to generate")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 20));
  command.add_option("-r,--repetitions", options->repetitions, "Measured repetitions, after one whole warm-up")
      ->capture_default_str()
      ->check(CLI::Range(1, kMaxRepetitions));
  command
      .add_option("--parallel", options->parallel,
                  "Then also decode so many sequences together; no part of the receipt")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, kMaxDecodeRows));
  AddSpeculateFlag(command, options->speculate);
  command.add_option("-o,--output", options->format, "md, csv, json or jsonl")
      ->capture_default_str()
      ->check(CLI::IsMember({"md", "csv", "json", "jsonl"}));
  command.add_flag_callback(
      "--json", [options] { options->format = "json"; }, "The same as -o json");
  command.add_option("--report", options->report,
                     "Also write one HTML page: roofline picture and tables of where the time went");
  command.add_option("--receipt", options->receipt.receipt, "Receipt file (default: a dated file in the cache folder)");
  AddCommitmentFlags(command, options->receipt);
  AddEngineFlags(command, options->engine);
  command.footer(
      "Examples:\n"
      "  xtask benchmark                                    512 prompt and 128 generated tokens, all cores\n"
      "  xtask benchmark -m model.gguf -t 2 -r 10 -o json\n"
      "  xtask benchmark --report benchmark.html\n"
      "  xtask benchmark --isa avx2 -p 128 -n 64 --receipt avx2.json\n"
      "The receipt is that of the repetition with the median decode time; its perf.samples hold all of them.\n"
      "Exit codes: 0 receipt accepted, 1 failed or rejected, 2 bad input, 3 not verifiable, 130 interrupted.");
  command.callback([options, &context] {
    const absl::StatusOr<int> code = RunBenchmark(*options, context);
    context.exit_code = code.ok() ? *code : ReportError(context.environment, code.status());
  });
}

}  // namespace bitnet::xtask
