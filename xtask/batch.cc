// xtask batch: many prompts in, a completion of each out.

#include "bitnet/engine/batch.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
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
#include "bitnet/tokenizer/tokenizer.h"
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

// Prints outputs in the order of the input, one line of JSON each: one waits until those before it are complete.
class Printer {
 public:
  Printer(const std::vector<BatchLine>& lines, const std::vector<std::vector<TokenId>>& prompts,
          const Tokenizer& tokenizer)
      : lines_(lines), prompts_(prompts), tokenizer_(tokenizer), complete_(lines.size()) {}

  absl::Status Add(size_t prompt, const BatchOutput& output) {
    complete_[prompt] = output;
    for (; next_ < complete_.size() && complete_[next_]; ++next_) BITNET_RETURN_IF_ERROR(Print(next_));
    return absl::OkStatus();
  }

  // Those that wait for one that will not come.
  absl::Status PrintRest() {
    for (; next_ < complete_.size(); ++next_) {
      if (complete_[next_]) BITNET_RETURN_IF_ERROR(Print(next_));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Print(size_t prompt) {
    const BatchOutput& output = *complete_[prompt];
    const BatchLine& line = lines_[prompt];
    std::span<const TokenId> shown = output.tokens;
    if (output.finish == FinishReason::kEos) shown = shown.first(shown.size() - 1);
    BITNET_ASSIGN_OR_RETURN(const std::string text, tokenizer_.Decode(shown, /*special=*/false));
    JsonValue::Object object;
    object.push_back({"line", JsonValue::Uint(line.number)});
    if (line.id) object.push_back({"id", *line.id});
    object.push_back({"text", JsonValue::String(ReadableText(text))});
    object.push_back({"output_ids", IdsJson(output.tokens)});
    object.push_back({"finish_reason", JsonValue::String(std::string(FinishReasonName(output.finish)))});
    object.push_back({"prompt_tokens", JsonValue::Uint(prompts_[prompt].size())});
    object.push_back({"reused_tokens", JsonValue::Int(output.reused)});
    complete_[prompt].reset();
    std::printf("%s\n", CanonicalJson(JsonValue::MakeObject(std::move(object))).c_str());
    if (std::fflush(stdout) == 0) return absl::OkStatus();
    return absl::InternalError("standard output cannot be written; is the disk full, or the reader gone?");
  }

  const std::vector<BatchLine>& lines_;
  const std::vector<std::vector<TokenId>>& prompts_;
  const Tokenizer& tokenizer_;
  std::vector<std::optional<BatchOutput>> complete_;  // not printed yet
  size_t next_ = 0;
};

void PrintSummary(const BatchRequest& request, const BatchCompletion& completion) {
  size_t prompt_tokens = 0, tokens = 0, decoded = 0, ended = 0;
  int64_t reused = 0;
  for (size_t i = 0; i < completion.outputs.size(); ++i) {
    const BatchOutput& output = completion.outputs[i];
    if (output.tokens.empty()) continue;  // never begun
    prompt_tokens += request.prompts[i].size();
    tokens += output.tokens.size();
    decoded += output.tokens.size() - 1;  // the first is chosen by the prompt's own pass
    reused += output.reused;
    ended += output.finish != FinishReason::kInterrupted;
  }
  std::fprintf(stderr, "%zu of %zu prompts: %zu prompt tokens, %lld of them reused, in %.3f s; %zu tokens generated",
               ended, request.prompts.size(), prompt_tokens, static_cast<long long>(reused),
               static_cast<double>(completion.prefill_ns) * 1e-9, tokens);
  if (decoded > 0) {
    std::fprintf(stderr, ", %.1f tok/s",
                 static_cast<double>(decoded) / (static_cast<double>(completion.decode_ns) * 1e-9));
  }
  std::fprintf(stderr, "\n");
}

// Positions that the longest prompt needs, as far as the model has them.
int64_t ContextFor(const BatchRequest& request, const ModelConfig& config) {
  const int64_t most = static_cast<int64_t>(config.context_length);
  int64_t longest = 0;
  for (const std::vector<TokenId>& prompt : request.prompts) {
    longest = std::max(longest, static_cast<int64_t>(prompt.size()));
  }
  if (longest >= most || request.max_tokens >= most - longest) return 0;  // the model's own
  return std::max<int64_t>(1, longest + request.max_tokens - 1);
}

absl::StatusOr<int> RunBatch(const BatchOptions& options, const CommandContext& context) {
  const std::string source = options.prompts == "-" ? "standard input" : options.prompts;
  BITNET_ASSIGN_OR_RETURN(const std::string text, ReadInput(options.prompts, kMaxInputBytes));
  absl::StatusOr<std::vector<BatchLine>> lines = ParseBatchLines(text);
  if (!lines.ok()) {
    return absl::Status(lines.status().code(), absl::StrCat(source, ": ", lines.status().message()));
  }
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, LoadEngine(options.engine, options.model));
  const Tokenizer& tokenizer = engine->model->tokenizer;
  BatchRequest request = {.prompts = PromptIds(*lines, options, tokenizer),
                          .max_tokens = options.tokens,
                          .sampling = options.sampling.Params(context.environment),
                          .ignore_eos = options.ignore_eos,
                          .reuse_prefixes = !options.no_reuse,
                          .cancelled = &context.interrupted};
  const int64_t positions =
      options.engine.context > 0 ? options.engine.context : ContextFor(request, engine->model->config);
  const int64_t sequences = std::min(options.parallel, static_cast<int64_t>(request.prompts.size()));
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, engine->StartSession(positions, sequences));
  for (size_t i = 0; i < lines->size(); ++i) {
    const absl::Status fits = CheckBatchPrompt(*session, request.prompts[i], request.max_tokens);
    if (!fits.ok()) {
      return absl::Status(fits.code(), absl::StrCat(source, ": line ", (*lines)[i].number, ": ", fits.message()));
    }
  }
  Printer printer(*lines, request.prompts, tokenizer);
  const auto print = [&](size_t prompt, const BatchOutput& output) { return printer.Add(prompt, output); };
  request.on_output.emplace(print);
  const absl::StatusOr<BatchCompletion> completion = GenerateBatch(*session, request);
  // Whatever ended the batch, what is complete is not lost.
  const absl::Status printed = printer.PrintRest();
  if (!completion.ok()) {
    return absl::Status(completion.status().code(),
                        absl::StrCat(source, ": ", completion.status().message(), " (prompts are counted from 0)"));
  }
  BITNET_RETURN_IF_ERROR(printed);
  PrintSummary(request, *completion);
  return completion->interrupted ? kExitInterrupted : kExitOk;
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
  command.add_flag("--no-reuse", options->no_reuse,
                   "Compute every prompt whole, also a beginning that a KV cache holds");
  AddEngineFlags(command, options->engine);
  command.footer(
      "Every prompt gets the tokens that `xtask infer` gives it alone with the same flags and seed. Outputs are in "
      "the\n"
      "order of the prompts. No receipt describes a batch. Without --context a KV cache has the positions that the "
      "longest\n"
      "prompt and its tokens need.\n"
      "Examples:\n"
      "  xtask batch -m model.gguf questions.jsonl --greedy -n 64 > answers.jsonl\n"
      "  printf '{\"id\": 1, \"prompt\": \"The capital of France is\"}\\n' | xtask batch -m model.gguf -f - --greedy\n"
      "Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted; what is complete by then is printed.");
  command.callback([options, &context] {
    const absl::StatusOr<int> code = RunBatch(*options, context);
    context.exit_code = code.ok() ? *code : ReportError(context.environment, code.status());
  });
}

}  // namespace bitnet::xtask
