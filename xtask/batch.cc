// xtask batch: many prompts in, a completion of each out.

#include "bitnet/engine/batch.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/engine/session.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "xtask/batch_lines.h"
#include "xtask/commands.h"
#include "xtask/completion_json.h"
#include "xtask/diagnostics.h"
#include "xtask/engine.h"
#include "xtask/engine_flags.h"
#include "xtask/input.h"
#include "xtask/sampling_flags.h"

namespace bitnet::xtask {
namespace {

constexpr size_t kMaxInputBytes = size_t{256} << 20;

struct BatchOptions {
  EngineFlags engine;
  std::string model;
  std::string prompts;
  int64_t parallel = 8;
  int64_t tokens = 128;
  SamplingFlags sampling;
  bool no_bos = false;
  bool special = false;
  bool ignore_eos = false;
  bool no_reuse = false;
};

std::vector<std::vector<TokenId>> PromptIds(const std::vector<BatchLine>& lines, const BatchOptions& options,
                                            const Tokenizer& tokenizer) {
  std::vector<std::vector<TokenId>> prompts;
  for (const BatchLine& line : lines) {
    prompts.push_back(
        line.prompt ? tokenizer.Encode(*line.prompt, {.add_bos = !options.no_bos, .parse_special = options.special})
                    : line.prompt_ids);
  }
  return prompts;
}

// One line of JSON.
absl::Status PrintOutput(const BatchLine& line, size_t prompt_tokens, const BatchOutput& output,
                         const Tokenizer& tokenizer) {
  std::span<const TokenId> shown = output.tokens;
  if (output.finish == FinishReason::kEos) shown = shown.first(shown.size() - 1);
  BITNET_ASSIGN_OR_RETURN(const std::string text, tokenizer.Decode(shown, /*special=*/false));
  JsonValue::Object object;
  object.push_back({"line", JsonValue::Uint(line.number)});
  if (line.id) object.push_back({"id", *line.id});
  object.push_back({"text", JsonValue::String(ReadableText(text))});
  object.push_back({"output_ids", IdsJson(output.tokens)});
  object.push_back({"finish_reason", JsonValue::String(std::string(FinishReasonName(output.finish)))});
  object.push_back({"prompt_tokens", JsonValue::Uint(prompt_tokens)});
  object.push_back({"reused_tokens", JsonValue::Int(output.reused)});
  std::printf("%s\n", CanonicalJson(JsonValue::MakeObject(std::move(object))).c_str());
  std::fflush(stdout);
  return absl::OkStatus();
}

void PrintSummary(const BatchRequest& request, const BatchCompletion& completion) {
  size_t prompt_tokens = 0, tokens = 0, ended = 0;
  int64_t reused = 0;
  for (const std::vector<TokenId>& prompt : request.prompts) prompt_tokens += prompt.size();
  for (const BatchOutput& output : completion.outputs) {
    tokens += output.tokens.size();
    reused += output.reused;
    ended += output.finish != FinishReason::kInterrupted;
  }
  std::fprintf(stderr, "%zu of %zu prompts: %zu prompt tokens, %lld of them reused, in %.3f s; %zu tokens generated",
               ended, request.prompts.size(), prompt_tokens, static_cast<long long>(reused),
               static_cast<double>(completion.prefill_ns) * 1e-9, tokens);
  if (completion.decode_ns > 0) {
    // The first token of each is chosen by its prompt's pass.
    const double decoded = static_cast<double>(tokens - std::min(tokens, completion.outputs.size()));
    std::fprintf(stderr, ", %.1f tok/s", decoded / (static_cast<double>(completion.decode_ns) * 1e-9));
  }
  std::fprintf(stderr, "\n");
}

absl::StatusOr<int> RunBatch(const BatchOptions& options, const CommandContext& context) {
  BITNET_ASSIGN_OR_RETURN(const std::string text, ReadInput(options.prompts, kMaxInputBytes));
  absl::StatusOr<std::vector<BatchLine>> lines = ParseBatchLines(text);
  if (!lines.ok()) {
    return absl::Status(lines.status().code(), absl::StrCat(options.prompts, ": ", lines.status().message()));
  }
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, LoadEngine(options.engine, options.model));
  const Tokenizer& tokenizer = engine->model->tokenizer;
  BatchRequest request = {.prompts = PromptIds(*lines, options, tokenizer),
                          .max_tokens = options.tokens,
                          .sampling = options.sampling.Params(context.environment),
                          .ignore_eos = options.ignore_eos,
                          .reuse_prefixes = !options.no_reuse,
                          .cancelled = &context.interrupted};
  const int64_t sequences = std::min(options.parallel, static_cast<int64_t>(request.prompts.size()));
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session,
                          engine->StartSession(options.engine.context, sequences));
  for (size_t i = 0; i < lines->size(); ++i) {
    const absl::Status fits = CheckBatchPrompt(*session, request.prompts[i], request.max_tokens);
    if (!fits.ok()) {
      return absl::Status(fits.code(),
                          absl::StrCat(options.prompts, ": line ", (*lines)[i].number, ": ", fits.message()));
    }
  }
  // In the order of the input: an output waits until those before it are complete.
  absl::Status printed;
  std::vector<std::optional<BatchOutput>> complete(request.prompts.size());
  size_t next = 0;
  const auto print = [&](size_t prompt, const BatchOutput& output) {
    complete[prompt] = output;
    for (; next < complete.size() && complete[next] && printed.ok(); ++next) {
      printed = PrintOutput((*lines)[next], request.prompts[next].size(), *complete[next], tokenizer);
    }
  };
  request.on_output.emplace(print);
  BITNET_ASSIGN_OR_RETURN(const BatchCompletion completion, GenerateBatch(*session, request));
  BITNET_RETURN_IF_ERROR(printed);
  // After an interruption: those that are complete but were waiting for one that is not.
  for (; next < complete.size(); ++next) {
    if (!complete[next]) continue;
    BITNET_RETURN_IF_ERROR(PrintOutput((*lines)[next], request.prompts[next].size(), *complete[next], tokenizer));
  }
  PrintSummary(request, completion);
  return completion.interrupted ? kExitInterrupted : kExitOk;
}

}  // namespace

void AddBatchCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<BatchOptions>();
  CLI::App& command = *app.add_subcommand("batch", "Continue many prompts, several at a time; one JSON object a line");
  command.add_option("-m,--model", options->model, "GGUF model file")->required();
  command
      .add_option("-f,--prompts,prompts", options->prompts,
                  "File of JSON objects, one a line, each with \"prompt\" (text) or \"prompt_ids\" and, if you like, "
                  "\"id\"; - is stdin")
      ->required();
  command.add_option("--parallel", options->parallel, "Prompts continued together; each has a KV cache of its own")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, kMaxDecodeRows));
  command.add_option("-n,--tokens", options->tokens, "Tokens to generate at most, of each")->capture_default_str();
  AddSamplingFlags(command, options->sampling);
  command.add_flag("--no-bos", options->no_bos, "Do not put the beginning-of-text token first");
  command.add_flag("--special", options->special, "Read <|...|> in prompts as control tokens");
  command.add_flag("--ignore-eos", options->ignore_eos, "Never choose an end-of-generation token");
  command.add_flag("--no-reuse", options->no_reuse, "Compute every prompt whole, also what others begin with alike");
  AddEngineFlags(command, options->engine);
  command.footer(
      "Every prompt gets the tokens that `xtask infer` gives it alone with the same flags and seed. Outputs are in "
      "the\n"
      "order of the prompts. No receipt describes a batch.\n"
      "Examples:\n"
      "  xtask batch -m model.gguf questions.jsonl --greedy -n 64 > answers.jsonl\n"
      "  printf '{\"id\": 1, \"prompt\": \"The capital of France is\"}\\n' | xtask batch -m model.gguf -f - --greedy\n"
      "Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted (what was complete is printed).");
  command.callback([options, &context] {
    const absl::StatusOr<int> code = RunBatch(*options, context);
    context.exit_code = code.ok() ? *code : ReportError(context.environment, code.status());
  });
}

}  // namespace bitnet::xtask
