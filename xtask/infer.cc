// xtask infer: a prompt in, text out.

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "bitnet/arrays/array_set.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/session.h"
#include "bitnet/kernels/peaks/read_bandwidth.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "xtask/commands.h"
#include "xtask/completion_json.h"
#include "xtask/diagnostics.h"
#include "xtask/distinct_paths.h"
#include "xtask/engine_flags.h"
#include "xtask/input.h"
#include "xtask/receipt_flags.h"
#include "xtask/receipt_output.h"
#include "xtask/sampling_flags.h"

namespace bitnet::xtask {
namespace {

constexpr size_t kMaxPromptBytes = size_t{64} << 20;

struct InferOptions {
  EngineFlags engine;
  std::string model;
  std::optional<std::string> prompt;
  std::string prompt_file;
  std::string prompt_ids;
  std::string system;
  bool chat = false;
  bool no_bos = false;
  bool special = false;
  int64_t tokens = 128;
  SamplingFlags sampling;
  std::vector<std::string> stop;
  bool ignore_eos = false;
  int64_t speculate = 7;
  std::string dump_logits;
  ReceiptFlags receipt;
  bool json = false;
};

// The chat form of 2B-4T: "System: ...<|eot_id|>User: ...<|eot_id|>Assistant: ". Control tokens are read in the form's
// own pieces only: text of the user's that spells one stays text, and cannot open a turn of its own.
std::vector<TokenId> ChatIds(const InferOptions& options, const std::string& user, const Tokenizer& tokenizer) {
  std::vector<TokenId> ids;
  const auto add = [&](std::string_view text, bool bos, bool special) {
    const std::vector<TokenId> piece = tokenizer.Encode(text, {.add_bos = bos, .parse_special = special});
    ids.insert(ids.end(), piece.begin(), piece.end());
  };
  const auto turn = [&](std::string_view role, std::string_view text, bool bos) {
    add(absl::StrCat(role, ": ", text), bos, options.special);
    add("<|eot_id|>", false, /*special=*/true);
  };
  if (!options.system.empty()) turn("System", options.system, !options.no_bos);
  turn("User", user, !options.no_bos && options.system.empty());
  add("Assistant: ", false, false);
  return ids;
}

absl::Status CheckOnePrompt(const InferOptions& options) {
  const int sources = options.prompt.has_value() + !options.prompt_file.empty() + !options.prompt_ids.empty();
  if (sources == 1) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "a prompt is needed: exactly one of --prompt TEXT, --prompt-file FILE (- is stdin) and --prompt-ids FILE; got ",
      sources));
}

absl::StatusOr<std::vector<TokenId>> PromptIds(const InferOptions& options, const Tokenizer& tokenizer) {
  if (!options.prompt_ids.empty()) return ReadIdsFile(options.prompt_ids);
  std::string text = options.prompt.value_or("");
  if (!options.prompt_file.empty()) {
    BITNET_ASSIGN_OR_RETURN(text, ReadInput(options.prompt_file, kMaxPromptBytes));
  }
  std::vector<TokenId> ids =
      options.chat ? ChatIds(options, text, tokenizer)
                   : tokenizer.Encode(text, {.add_bos = !options.no_bos, .parse_special = options.special});
  if (ids.empty()) return absl::InvalidArgumentError("the prompt has no tokens");
  return ids;
}

absl::StatusOr<GenerateRequest> MakeRequest(const InferOptions& options, const Tokenizer& tokenizer,
                                            const CommandContext& context) {
  GenerateRequest request;
  BITNET_ASSIGN_OR_RETURN(request.prompt, PromptIds(options, tokenizer));
  request.max_tokens = options.tokens;
  request.sampling = options.sampling.Params(context.environment);
  request.stop = options.stop;
  request.ignore_eos = options.ignore_eos;
  request.max_draft = options.speculate;
  if (!options.receipt.receipt.empty()) request.max_schedule = ScheduleLimit(/*repetitions=*/0);
  request.cancelled = &context.interrupted;
  return request;
}

void PrintJson(const std::string& text, const GenerateRequest& request, const Completion& completion) {
  const double seconds = static_cast<double>(completion.decode_ns) * 1e-9;
  const size_t decoded = completion.output.empty() ? 0 : completion.output.size() - 1;
  JsonValue::Object object;
  object.push_back({"text", JsonValue::String(ReadableText(text))});
  object.push_back({"prompt_ids", IdsJson(completion.prompt)});
  object.push_back({"output_ids", IdsJson(completion.output)});
  object.push_back({"finish_reason", JsonValue::String(std::string(FinishReasonName(completion.finish)))});
  object.push_back({"seed", JsonValue::Uint(request.sampling.seed)});
  object.push_back({"prefill_ns", JsonValue::Uint(completion.prefill_ns)});
  object.push_back({"decode_ns", JsonValue::Uint(completion.decode_ns)});
  object.push_back({"drafted", JsonValue::Uint(completion.drafted)});
  object.push_back({"accepted", JsonValue::Uint(completion.accepted)});
  if (decoded > 0) {
    object.push_back({"decode_tokens_per_second", JsonValue::Double(static_cast<double>(decoded) / seconds)});
  }
  std::printf("%s\n", WritePrettyJson(JsonValue::MakeObject(std::move(object))).c_str());
}

void PrintSummary(const Completion& completion) {
  const double prefill = static_cast<double>(completion.prefill_ns) * 1e-9;
  const double decode = static_cast<double>(completion.decode_ns) * 1e-9;
  const double decoded = completion.output.empty() ? 0 : static_cast<double>(completion.output.size() - 1);
  std::fprintf(stderr, "prompt %zu tokens in %.3f s (%.1f tok/s); generated %zu tokens", completion.prompt.size(),
               prefill, static_cast<double>(completion.prompt.size()) / prefill, completion.output.size());
  if (decoded > 0) std::fprintf(stderr, ", %.1f tok/s", decoded / decode);
  if (completion.drafted > 0) {
    std::fprintf(stderr, ", %llu of %llu drafted tokens accepted", static_cast<unsigned long long>(completion.accepted),
                 static_cast<unsigned long long>(completion.drafted));
  }
  std::fprintf(stderr, "; finish: %s\n", std::string(FinishReasonName(completion.finish)).c_str());
}

// No file that is written is one that is read, or is written twice.
absl::Status CheckFiles(const InferOptions& options) {
  const std::string prompt_file = options.prompt_file == "-" ? "" : options.prompt_file;
  return CheckDistinct({{"--model", options.model},
                        {"--prompt-file", prompt_file},
                        {"--prompt-ids", options.prompt_ids},
                        {"--challenge", options.receipt.challenge}},
                       {{"--receipt", options.receipt.receipt},
                        {"--commitment", options.receipt.commitment},
                        {"--dump-logits", options.dump_logits}});
}

absl::StatusOr<int> RunInfer(const InferOptions& options, const CommandContext& context) {
  BITNET_RETURN_IF_ERROR(CheckOnePrompt(options));
  const bool with_receipt = !options.receipt.receipt.empty();
  if (!with_receipt && (!options.receipt.commitment.empty() || !options.receipt.challenge.empty())) {
    return absl::InvalidArgumentError("--commitment and --challenge belong to a receipt: name it too (--receipt FILE)");
  }
  RunContext run;
  BITNET_ASSIGN_OR_RETURN(run.challenge, ReadChallenge(options.receipt));
  BITNET_RETURN_IF_ERROR(CheckFiles(options));
  std::optional<AtomicFile> dump;
  if (!options.dump_logits.empty()) {
    BITNET_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(options.dump_logits));
    dump.emplace(std::move(file));
  }
  ReceiptFlags receipt = options.receipt;
  BITNET_RETURN_IF_ERROR(ClearReceiptPaths(receipt));
  run.start = ReadClocks();
  run.host = ReadHostInfo();
  run.detected_isa = DetectIsaSet();
  run.requested_isa = options.engine.isa;
  BITNET_ASSIGN_OR_RETURN(const IsaSet isa, ResolveIsa(options.engine.isa, run.detected_isa));
  ThreadPool pool(ResolveThreads(options.engine, run.host));
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<const LoadedModel> model, LoadedModel::Load(options.model, pool));
  BITNET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Session> session,
      Session::Create(*model, pool,
                      {.isa = isa, .context = options.engine.context, .prefill_chunk = options.engine.prefill_chunk}));
  BITNET_ASSIGN_OR_RETURN(GenerateRequest request, MakeRequest(options, model->tokenizer, context));

  // Model and program are hashed before the run: every leaf of the commitment is bound to them.
  std::optional<Provenance> provenance;
  std::unique_ptr<Committer> committer;
  if (with_receipt) {
    BITNET_ASSIGN_OR_RETURN(provenance, ReadProvenance(*session));
    BITNET_RETURN_IF_ERROR(CheckStrict(receipt, provenance->build, context.environment));
    committer = StartCommitment(receipt, *session, request, *provenance, run);
    request.committer = committer.get();
  }
  absl::Status dump_status;
  const auto write_row = [&](std::span<const float> row) {
    if (!dump_status.ok()) return;
    dump_status = dump->Write(std::span(reinterpret_cast<const uint8_t*>(row.data()), row.size_bytes()));
  };
  if (dump) request.logits.emplace(write_row);
  std::string text;
  const auto on_text = [&](std::string_view piece) {
    text.append(piece);
    if (options.json) return;
    std::fwrite(piece.data(), 1, piece.size(), stdout);
    std::fflush(stdout);
  };
  BITNET_ASSIGN_OR_RETURN(const Completion completion, Generate(*session, request, on_text));
  run.end = ReadClocks();
  if (options.json) {
    PrintJson(text, request, completion);
  } else {
    std::printf("\n");
    PrintSummary(completion);
  }
  const bool interrupted = completion.finish == FinishReason::kInterrupted;
  if (dump && !interrupted) {
    BITNET_RETURN_IF_ERROR(dump_status);
    BITNET_RETURN_IF_ERROR(dump->Commit());
  }
  if (with_receipt) {
    run.read_bandwidth_mbps = ProbeReadBandwidthMbps(model->StreamedBytes(), pool, 3);
    BITNET_ASSIGN_OR_RETURN(const RunReport report,
                            WriteReceipt(receipt, *session, request, completion, run, *provenance,
                                         committer ? committer->commitment() : Commitment(), context.environment));
    std::fprintf(stderr, "%s\n", VerdictLine(report.audit, receipt.receipt).c_str());
    if (!interrupted) return VerdictExitCode(report.audit);
  }
  return interrupted ? kExitInterrupted : kExitOk;
}

}  // namespace

void AddInferCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<InferOptions>();
  CLI::App& command = *app.add_subcommand("infer", "Continue a prompt; text goes to stdout as it is generated");
  command.add_option("-m,--model", options->model, "GGUF model file")->required();
  command.add_option("-p,--prompt,prompt", options->prompt, "Prompt text");
  command.add_option("-f,--prompt-file", options->prompt_file, "File with the prompt text; - is stdin");
  CLI::Option* ids =
      command.add_option("--prompt-ids", options->prompt_ids, "File of token ids: raw little-endian int32, or .npy");
  CLI::Option* chat = command.add_flag("--chat", options->chat, "Wrap the prompt in the chat form of 2B-4T");
  chat->excludes(ids);
  command.add_option("--system", options->system, "System text, with --chat")->needs(chat);
  command.add_flag("--no-bos", options->no_bos, "Do not put the beginning-of-text token first");
  command.add_flag("--special", options->special, "Read <|...|> in the prompt as control tokens");
  command.add_option("-n,--tokens", options->tokens, "Tokens to generate at most")->capture_default_str();
  AddSamplingFlags(command, options->sampling);
  command.add_option("--stop", options->stop, "End the text before this string; may be given several times")
      ->allow_extra_args(false);
  command.add_flag("--ignore-eos", options->ignore_eos, "Never choose an end-of-generation token");
  AddSpeculateFlag(command, options->speculate);
  command.add_option("--dump-logits", options->dump_logits, "Write raw f32 rows [prompt + generated][vocab]");
  command.add_option("--receipt", options->receipt.receipt, "Write a receipt and audit it");
  AddCommitmentFlags(command, options->receipt);
  command.add_flag("--json", options->json, "One JSON object on stdout instead of streamed text");
  AddEngineFlags(command, options->engine);
  command.footer(
      "Examples:\n"
      "  xtask infer -m model.gguf \"The capital of France is\"\n"
      "  xtask infer -m model.gguf --chat -p \"Why is the sky blue?\" -n 256 --seed 7\n"
      "  xtask infer -m model.gguf --prompt-ids ids.i32 --greedy --tokens 8 --dump-logits logits.f32\n"
      "  xtask infer -m model.gguf -p Hello --greedy --receipt run.json && verify run.json\n"
      "  xtask infer -m model.gguf -p Hello --receipt run.json --commitment run.bnc\n"
      "Exit codes: 0 done, 1 failed or receipt rejected, 2 bad input, 3 receipt not verifiable, 130 interrupted.");
  command.callback([options, &context] {
    const absl::StatusOr<int> code = RunInfer(*options, context);
    context.exit_code = code.ok() ? *code : ReportError(context.environment, code.status());
  });
}

}  // namespace bitnet::xtask
