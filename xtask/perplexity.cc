// xtask perplexity: how well a model predicts a text.

#include "bitnet/eval/perplexity.h"

#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/engine/session.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "xtask/commands.h"
#include "xtask/diagnostics.h"
#include "xtask/engine.h"
#include "xtask/engine_flags.h"
#include "xtask/input.h"

namespace bitnet::xtask {
namespace {

constexpr size_t kMaxTextBytes = size_t{256} << 20;
// What llama.cpp's tool takes when it is not told, so that figures are comparable.
constexpr int64_t kDefaultContext = 512;

struct PerplexityOptions {
  EngineFlags engine;
  std::string model;
  std::string file;
  int64_t stride = 0;  // 0: half of the context
  std::string method = "sliding";
  bool bos = false;
  bool no_bos = false;
  int64_t chunks = 0;  // 0: all
  bool json = false;
};

WindowOptions Windows(const PerplexityOptions& options, const Tokenizer& tokenizer) {
  WindowOptions windows;
  windows.method = options.method == "llamacpp" ? WindowMethod::kLlamaCpp : WindowMethod::kSliding;
  windows.context = static_cast<size_t>(options.engine.context);
  windows.stride = options.stride > 0 ? static_cast<size_t>(options.stride) : (windows.context + 1) / 2;
  windows.bos = options.bos || (tokenizer.add_bos() && !options.no_bos);
  return windows;
}

JsonValue IntervalJson(double low, double high) {
  return JsonValue::MakeArray({JsonValue::Double(low), JsonValue::Double(high)});
}

JsonValue ResultJson(const WindowOptions& windows, size_t text_tokens, const PerplexityResult& result, double seconds) {
  JsonValue::Object object;
  object.push_back({"perplexity", JsonValue::Double(result.perplexity)});
  object.push_back({"nll", JsonValue::Double(result.nll)});
  object.push_back({"bits_per_token", JsonValue::Double(result.nll / M_LN2)});
  if (result.bytes > 0) {
    object.push_back({"bits_per_byte", JsonValue::Double(result.nll / M_LN2 * static_cast<double>(result.scored) /
                                                         static_cast<double>(result.bytes))});
  }
  if (result.nll_interval) {
    object.push_back(
        {"interval_95", IntervalJson(std::exp(result.nll_interval->low), std::exp(result.nll_interval->high))});
    object.push_back({"nll_interval_95", IntervalJson(result.nll_interval->low, result.nll_interval->high)});
    object.push_back({"blocks", JsonValue::Uint(result.nll_interval->blocks)});
  }
  object.push_back({"method", JsonValue::String(std::string(WindowMethodName(windows.method)))});
  object.push_back({"context", JsonValue::Uint(windows.context)});
  if (windows.method == WindowMethod::kSliding) object.push_back({"stride", JsonValue::Uint(windows.stride)});
  object.push_back({"bos", JsonValue::Bool(windows.bos)});
  object.push_back({"text_tokens", JsonValue::Uint(text_tokens)});
  object.push_back({"windows", JsonValue::Uint(result.windows)});
  object.push_back({"tokens_fed", JsonValue::Uint(result.fed)});
  object.push_back({"tokens_scored", JsonValue::Uint(result.scored)});
  object.push_back({"tokens_context", JsonValue::Uint(result.context)});
  object.push_back({"bytes_scored", JsonValue::Uint(result.bytes)});
  object.push_back({"seconds", JsonValue::Double(seconds)});
  object.push_back({"tokens_fed_per_second", JsonValue::Double(static_cast<double>(result.fed) / seconds)});
  return JsonValue::MakeObject(std::move(object));
}

void PrintResult(const WindowOptions& windows, size_t text_tokens, const PerplexityResult& result, double seconds) {
  std::printf("perplexity %.6g", result.perplexity);
  if (result.nll_interval) {
    std::printf("  (95 %%: %.6g to %.6g, from %zu blocks)\n", std::exp(result.nll_interval->low),
                std::exp(result.nll_interval->high), result.nll_interval->blocks);
  } else {
    std::printf("  (no interval: it takes %zu scored tokens)\n", 2 * kMinBlockTokens);
  }
  std::printf("nll %.6f nats, %.6f bits per token", result.nll, result.nll / M_LN2);
  if (result.bytes > 0) {
    std::printf(", %.6f bits per byte",
                result.nll / M_LN2 * static_cast<double>(result.scored) / static_cast<double>(result.bytes));
  }
  std::printf("\n%s, context %zu", std::string(WindowMethodName(windows.method)).c_str(), windows.context);
  if (windows.method == WindowMethod::kSliding) std::printf(", stride %zu", windows.stride);
  std::printf(", %s: %zu tokens of text, %zu windows, %zu tokens fed = %zu scored + %zu context\n",
              windows.bos ? "with bos" : "without bos", text_tokens, result.windows, result.fed, result.scored,
              result.context);
  std::fprintf(stderr, "%.3f s, %.1f tokens fed per second, %.1f scored\n", seconds,
               static_cast<double>(result.fed) / seconds, static_cast<double>(result.scored) / seconds);
}

absl::Status RunPerplexity(const PerplexityOptions& options, const CommandContext& context) {
  BITNET_ASSIGN_OR_RETURN(const std::string text, ReadInput(options.file, kMaxTextBytes));
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, LoadEngine(options.engine, options.model));
  const Tokenizer& tokenizer = engine->model->tokenizer;
  const std::vector<TokenId> ids = tokenizer.Encode(text, {.add_bos = false, .parse_special = false});
  const WindowOptions windows = Windows(options, tokenizer);
  // A text or a stride that scores nothing is refused before anything large is made.
  BITNET_RETURN_IF_ERROR(PlanWindows(ids.size(), windows).status());
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, engine->StartSession(options.engine.context));
  const bool shown = context.environment.progress;
  const auto progress = [&](size_t done, size_t total, double nll) {
    if (!shown) return;
    std::fprintf(stderr, "\rwindow %zu of %zu, perplexity %.4f ", done, total, std::exp(nll));
    std::fflush(stderr);
  };
  const size_t chunks = options.chunks > 0 ? static_cast<size_t>(options.chunks) : std::numeric_limits<size_t>::max();
  const uint64_t start = NowNs();
  const absl::StatusOr<PerplexityResult> result =
      ComputePerplexity(*session, ids, windows, chunks, &context.interrupted, progress);
  const double seconds = static_cast<double>(NowNs() - start) * 1e-9;
  if (shown) std::fputc('\n', stderr);
  BITNET_RETURN_IF_ERROR(result.status());
  if (options.json) {
    std::printf("%s\n", WritePrettyJson(ResultJson(windows, ids.size(), *result, seconds)).c_str());
  } else {
    PrintResult(windows, ids.size(), *result, seconds);
  }
  return absl::OkStatus();
}

}  // namespace

void AddPerplexityCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<PerplexityOptions>();
  options->engine.context = kDefaultContext;
  CLI::App& command = *app.add_subcommand("perplexity", "How well a model predicts a text, with its uncertainty");
  command.add_option("-m,--model", options->model, "GGUF model file")->required();
  command.add_option("-f,--file", options->file, "Text to score; - is stdin")->required();
  command.add_option("-c,--ctx,--context", options->engine.context, "Positions of a window")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 20));
  CLI::Option* stride =
      command.add_option("-s,--stride", options->stride, "Tokens that a window scores (default: half of --ctx)")
          ->check(CLI::Range(int64_t{1}, int64_t{1} << 20));
  command
      .add_option("--method", options->method,
                  "sliding: each token once; llamacpp: second halves of disjoint chunks, as published figures")
      ->capture_default_str()
      ->check(CLI::IsMember({"sliding", "llamacpp"}));
  CLI::Option* bos = command.add_flag("--bos", options->bos, "Beginning-of-text token before every window");
  command.add_flag("--no-bos", options->no_bos, "None (default: as the model's file says)")->excludes(bos);
  command.add_option("--chunks", options->chunks, "Only the first N windows")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
  command.add_flag("--json", options->json, "One JSON object");
  AddComputeFlags(command, options->engine);
  command.footer(
      "Examples:\n"
      "  xtask perplexity -m model.gguf -f wiki.test.raw\n"
      "  xtask perplexity -m model.gguf -f wiki.test.raw --ctx 2048 --stride 512 --json\n"
      "  xtask perplexity -m model.gguf -f wiki.test.raw --method llamacpp --ctx 512\n"
      "Sliding windows of --ctx positions move on by --stride; after the first, every token is scored with at least\n"
      "ctx - stride tokens before it. The 95 % interval is from the mean nll of contiguous blocks (Student's t).\n"
      "Exit codes: 0 done, 1 failed, 2 bad input or nothing to score, 130 interrupted (no answer).");
  command.callback([options, stride, &context] {
    absl::Status status;
    if (options->method == "llamacpp" && stride->count() > 0) {
      status = absl::InvalidArgumentError("--stride: the chunks of --method llamacpp do not overlap");
    } else {
      status = RunPerplexity(*options, context);
    }
    context.exit_code = status.ok() ? kExitOk : ReportError(context.environment, status);
  });
}

}  // namespace bitnet::xtask
