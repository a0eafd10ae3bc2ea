// xtask infer: a prompt in, text out.

#include <cstdio>
#include <cstring>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/read_bandwidth.h"
#include "bitnet/engine/session.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "xtask/commands.h"
#include "xtask/diagnostics.h"
#include "xtask/engine_flags.h"
#include "xtask/random_seed.h"
#include "xtask/receipt_output.h"

namespace bitnet::xtask {
namespace {

struct InferOptions {
  EngineFlags engine;
  std::string model;
  std::string prompt;
  std::string prompt_file;
  std::string prompt_ids;
  std::string system;
  bool chat = false;
  bool no_bos = false;
  bool special = false;
  int64_t tokens = 128;
  bool greedy = false;
  SamplingParams sampling = {.temperature = 0.8f, .top_k = 40, .top_p = 0.95f};
  std::optional<uint64_t> seed;
  std::vector<std::string> stop;
  bool ignore_eos = false;
  std::string dump_logits;
  std::string receipt;
  bool json = false;
};

absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  BITNET_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  return std::string(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
}

// Raw little-endian int32 ids.
absl::StatusOr<std::vector<TokenId>> ReadIdsFile(const std::string& path) {
  BITNET_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  if (file.bytes().empty() || file.bytes().size() % sizeof(TokenId) != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": expected a positive multiple of 4 bytes (little-endian int32 ids), got ", file.bytes().size()));
  }
  std::vector<TokenId> ids(file.bytes().size() / sizeof(TokenId));
  std::memcpy(ids.data(), file.bytes().data(), file.bytes().size());
  return ids;
}

// The chat form of 2B-4T: "System: ...<|eot_id|>User: ...<|eot_id|>Assistant: ".
std::string ChatPrompt(const InferOptions& options, const std::string& user) {
  const std::string system = options.system.empty() ? "" : absl::StrCat("System: ", options.system, "<|eot_id|>");
  return absl::StrCat(system, "User: ", user, "<|eot_id|>Assistant: ");
}

absl::StatusOr<std::vector<TokenId>> PromptIds(const InferOptions& options, const Tokenizer& tokenizer) {
  const int sources = !options.prompt.empty() + !options.prompt_file.empty() + !options.prompt_ids.empty();
  if (sources != 1) {
    return absl::InvalidArgumentError(
        "a prompt is needed: exactly one of --prompt TEXT, --prompt-file FILE (- is stdin) and --prompt-ids FILE");
  }
  if (!options.prompt_ids.empty()) return ReadIdsFile(options.prompt_ids);
  std::string text = options.prompt;
  if (!options.prompt_file.empty()) {
    BITNET_ASSIGN_OR_RETURN(text, ReadTextFile(options.prompt_file));
  }
  if (options.chat) text = ChatPrompt(options, text);
  std::vector<TokenId> ids =
      tokenizer.Encode(text, {.add_bos = !options.no_bos, .parse_special = options.special || options.chat});
  if (ids.empty()) return absl::InvalidArgumentError("the prompt has no tokens");
  return ids;
}

absl::StatusOr<GenerateRequest> MakeRequest(const InferOptions& options, const Tokenizer& tokenizer,
                                            const CommandContext& context) {
  GenerateRequest request;
  BITNET_ASSIGN_OR_RETURN(request.prompt, PromptIds(options, tokenizer));
  request.max_tokens = options.tokens;
  if (!options.greedy) {
    request.sampling = options.sampling;
    request.sampling.seed = ChooseSeed(options.seed, context.environment);
  }
  request.stop = options.stop;
  request.ignore_eos = options.ignore_eos;
  request.cancelled = &context.interrupted;
  return request;
}

JsonValue IdsJson(const std::vector<TokenId>& ids) {
  JsonValue::Array array;
  for (TokenId id : ids) array.push_back(JsonValue::Int(id));
  return JsonValue::MakeArray(std::move(array));
}

void PrintJson(const std::string& text, const GenerateRequest& request, const Completion& completion) {
  const double seconds = static_cast<double>(completion.decode_ns) * 1e-9;
  const size_t decoded = completion.output.size() - 1;
  JsonValue::Object object;
  object.push_back({"text", JsonValue::String(text)});
  object.push_back({"prompt_ids", IdsJson(completion.prompt)});
  object.push_back({"output_ids", IdsJson(completion.output)});
  object.push_back({"finish_reason", JsonValue::String(std::string(FinishReasonName(completion.finish)))});
  object.push_back({"seed", JsonValue::Uint(request.sampling.seed)});
  object.push_back({"prefill_ns", JsonValue::Uint(completion.prefill_ns)});
  object.push_back({"decode_ns", JsonValue::Uint(completion.decode_ns)});
  if (decoded > 0)
    object.push_back({"decode_tokens_per_second", JsonValue::Double(static_cast<double>(decoded) / seconds)});
  std::printf("%s\n", WritePrettyJson(JsonValue::MakeObject(std::move(object))).c_str());
}

void PrintSummary(const Completion& completion) {
  const double prefill = static_cast<double>(completion.prefill_ns) * 1e-9;
  const double decode = static_cast<double>(completion.decode_ns) * 1e-9;
  const double decoded = static_cast<double>(completion.output.size() - 1);
  std::fprintf(stderr, "prompt %zu tokens in %.3f s (%.1f tok/s); generated %zu tokens", completion.prompt.size(),
               prefill, static_cast<double>(completion.prompt.size()) / prefill, completion.output.size());
  if (decoded > 0) std::fprintf(stderr, ", %.1f tok/s", decoded / decode);
  std::fprintf(stderr, "; finish: %s\n", std::string(FinishReasonName(completion.finish)).c_str());
}

absl::StatusOr<int> RunInfer(const InferOptions& options, const CommandContext& context) {
  RunContext run;
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

  std::optional<AtomicFile> dump;
  absl::Status dump_status;
  const auto write_row = [&](std::span<const float> row) {
    if (dump_status.ok())
      dump_status = dump->Write(std::span(reinterpret_cast<const uint8_t*>(row.data()), row.size_bytes()));
  };
  if (!options.dump_logits.empty()) {
    BITNET_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(options.dump_logits));
    dump.emplace(std::move(file));
    request.logits.emplace(write_row);
  }
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
  if (!options.receipt.empty()) {
    run.read_bandwidth_mbps = ProbeReadBandwidthMbps(model->file.bytes(), pool, 3);
    BITNET_ASSIGN_OR_RETURN(const RunReport report,
                            WriteReceipt(options.receipt, *session, request, completion, run, context.environment));
    std::fprintf(stderr, "%s\n", VerdictLine(report.audit, options.receipt).c_str());
    if (!interrupted) return VerdictExitCode(report.audit);
  }
  return interrupted ? kExitInterrupted : kExitOk;
}

void AddSamplingFlags(CLI::App& command, InferOptions& options) {
  command.add_flag("--greedy", options.greedy, "Always the most likely token; the flags below are ignored");
  command.add_option("--temperature", options.sampling.temperature, "0 is greedy")->capture_default_str();
  command.add_option("--top-k", options.sampling.top_k, "Keep the k most likely tokens; 0 is off")
      ->capture_default_str();
  command.add_option("--top-p", options.sampling.top_p, "Keep the fewest tokens that reach this probability; 1 is off")
      ->capture_default_str();
  command.add_option("--min-p", options.sampling.min_p, "Drop tokens below this share of the most likely; 0 is off")
      ->capture_default_str();
  command.add_option("--repetition-penalty", options.sampling.repetition_penalty, "1 is off")->capture_default_str();
  command.add_option("--seed", options.seed, "Seed of the sampler (default: BITNET_SEED, else random and reported)")
      ->check(CLI::Range(uint64_t{0}, (uint64_t{1} << 53) - 1));
}

}  // namespace

void AddInferCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<InferOptions>();
  CLI::App& command = *app.add_subcommand("infer", "Continue a prompt; text goes to stdout as it is generated");
  command.add_option("-m,--model", options->model, "GGUF model file")->required();
  command.add_option("-p,--prompt,prompt", options->prompt, "Prompt text");
  command.add_option("-f,--prompt-file", options->prompt_file, "File with the prompt text; - is stdin");
  command.add_option("--prompt-ids", options->prompt_ids, "File of raw little-endian int32 token ids");
  command.add_flag("--chat", options->chat, "Wrap the prompt in the chat form of 2B-4T");
  command.add_option("--system", options->system, "System text, with --chat");
  command.add_flag("--no-bos", options->no_bos, "Do not put the beginning-of-text token first");
  command.add_flag("--special", options->special, "Read <|...|> in the prompt as control tokens");
  command.add_option("-n,--tokens", options->tokens, "Tokens to generate at most")->capture_default_str();
  AddSamplingFlags(command, *options);
  command.add_option("--stop", options->stop, "End the text before this string; may be given several times");
  command.add_flag("--ignore-eos", options->ignore_eos, "Go on after an end-of-generation token");
  command.add_option("--dump-logits", options->dump_logits, "Write raw f32 rows [prompt + generated][vocab]");
  command.add_option("--receipt", options->receipt, "Write a receipt and audit it");
  command.add_flag("--json", options->json, "One JSON object on stdout instead of streamed text");
  AddEngineFlags(command, options->engine);
  command.footer(
      "Examples:\n"
      "  xtask infer -m model.gguf \"The capital of France is\"\n"
      "  xtask infer -m model.gguf --chat -p \"Why is the sky blue?\" -n 256 --seed 7\n"
      "  xtask infer -m model.gguf --prompt-ids ids.i32 --greedy --tokens 8 --dump-logits logits.f32\n"
      "  xtask infer -m model.gguf -p Hello --greedy --receipt run.json && verify run.json\n"
      "Exit codes: 0 done, 1 failed or receipt rejected, 2 bad input, 3 receipt not verifiable, 130 interrupted.");
  command.callback([options, &context] {
    const absl::StatusOr<int> code = RunInfer(*options, context);
    context.exit_code = code.ok() ? *code : ReportError(context.environment, code.status());
  });
}

}  // namespace bitnet::xtask
