// xtask trace: what every operation of a forward pass made, as a file.

#include <cinttypes>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "bitnet/arrays/array_set.h"
#include "bitnet/arrays/trace_writer.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/engine/session.h"
#include "bitnet/eval/trace_run.h"
#include "bitnet/model/activation_tap.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "bitnet/tokenizer/utf8.h"
#include "xtask/build_info.h"
#include "xtask/commands.h"
#include "xtask/diagnostics.h"
#include "xtask/distinct_paths.h"
#include "xtask/engine.h"
#include "xtask/engine_flags.h"

namespace bitnet::xtask {
namespace {

struct TraceOptions {
  EngineFlags engine;
  std::string model;
  std::optional<std::string> prompt;
  std::string ids;
  bool no_bos = false;
  bool special = false;
  std::string out;
  std::string ops = "all";
  std::string layers;
  std::string positions;
  bool json = false;
};

absl::StatusOr<std::vector<TokenId>> PromptIds(const TraceOptions& options, const Tokenizer& tokenizer) {
  if (options.prompt.has_value() == !options.ids.empty()) {
    return absl::InvalidArgumentError("tokens are needed: exactly one of --prompt TEXT and --ids FILE");
  }
  if (!options.ids.empty()) {
    // Both are about how a text becomes tokens.
    if (options.no_bos || options.special) {
      return absl::InvalidArgumentError(absl::StrCat(options.no_bos ? "--no-bos" : "--special",
                                                     ": expected with --prompt, --ids are fed as they are"));
    }
    return ReadIdsFile(options.ids);
  }
  std::vector<TokenId> ids =
      tokenizer.Encode(*options.prompt, {.add_bos = !options.no_bos, .parse_special = options.special});
  if (ids.empty()) return absl::InvalidArgumentError("the prompt has no tokens");
  return ids;
}

absl::StatusOr<TraceSelection> Selection(const TraceOptions& options) {
  TraceSelection selection;
  BITNET_ASSIGN_OR_RETURN(selection.points, ParseTapPoints(options.ops));
  if (!options.layers.empty()) {
    BITNET_ASSIGN_OR_RETURN(selection.layers, ParseRange(options.layers));
  }
  if (!options.positions.empty()) {
    BITNET_ASSIGN_OR_RETURN(selection.positions, ParseRange(options.positions));
  }
  return selection;
}

// JSON is UTF-8; a file name may be anything.
JsonValue PathJson(const std::string& path) { return JsonValue::String(IsUtf8(path) ? path : absl::CHexEscape(path)); }

void PrintResult(const TraceOptions& options, const std::string& path, const std::string& data_path, size_t records,
                 uint64_t bytes, size_t tokens) {
  if (!options.json) {
    std::printf("%s: %zu values, %" PRIu64 " bytes in %s, %zu tokens\n", path.c_str(), records, bytes,
                data_path.c_str(), tokens);
    return;
  }
  const JsonValue json = JsonValue::MakeObject({{"path", PathJson(path)},
                                                {"data", PathJson(data_path)},
                                                {"records", JsonValue::Uint(records)},
                                                {"bytes", JsonValue::Uint(bytes)},
                                                {"tokens", JsonValue::Uint(tokens)}});
  std::printf("%s\n", WritePrettyJson(json).c_str());
}

// No file that is written is one that is read.
absl::Status CheckFiles(const TraceOptions& options) {
  std::vector<NamedPath> written = {{"--out", options.out}};
  if (!absl::EndsWith(options.out, ".npy")) {
    const std::string stem(absl::StripSuffix(options.out, ".json"));
    written = {{"--out", stem + ".json"}, {"--out", stem + ".f32"}};
  }
  return CheckDistinct({{"--model", options.model}, {"--ids", options.ids}}, written);
}

absl::Status RunTrace(const TraceOptions& options, const CommandContext& context) {
  BITNET_ASSIGN_OR_RETURN(const TraceSelection selection, Selection(options));
  BITNET_RETURN_IF_ERROR(CheckFiles(options));
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, LoadEngine(options.engine, options.model));
  BITNET_ASSIGN_OR_RETURN(std::vector<TokenId> ids, PromptIds(options, engine->model->tokenizer));
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session,
                          engine->StartSession(static_cast<int64_t>(ids.size())));
  if (absl::EndsWith(options.out, ".npy")) {
    BITNET_ASSIGN_OR_RETURN(NpyWriter writer, NpyWriter::Create(options.out));
    BITNET_RETURN_IF_ERROR(TraceRun(*session, ids, selection, writer, &context.interrupted));
    BITNET_RETURN_IF_ERROR(writer.Finish());
    PrintResult(options, options.out, options.out, 1, writer.record().bytes(), ids.size());
    return absl::OkStatus();
  }
  BITNET_ASSIGN_OR_RETURN(TraceWriter writer, TraceWriter::Create(options.out));
  BITNET_RETURN_IF_ERROR(TraceRun(*session, ids, selection, writer, &context.interrupted));
  BITNET_RETURN_IF_ERROR(writer.Finish(absl::StrCat("xtask ", kVersion), engine->model->config.name, ids));
  PrintResult(options, writer.header_path(), writer.data_path(), writer.header().records.size(),
              writer.header().data_bytes, ids.size());
  return absl::OkStatus();
}

std::string KnownValues() {
  std::string text = "Values, in the order in which they are made:\n ";
  size_t width = 0;
  for (const TapPointInfo& info : kTapPoints) {
    if ((width += info.name.size() + 1) > 90) {
      absl::StrAppend(&text, "\n ");
      width = info.name.size();
    }
    absl::StrAppend(&text, " ", info.name);
  }
  return text + "\n";
}

}  // namespace

void AddTraceCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<TraceOptions>();
  CLI::App& command = *app.add_subcommand("trace", "Write what every operation of a forward pass makes");
  command.add_option("-m,--model,model", options->model, "GGUF model file")->required();
  command.add_option("-p,--prompt", options->prompt, "Text to feed");
  command.add_option("--ids", options->ids, "Tokens to feed: raw little-endian int32, .npy, or the .json of a trace");
  command.add_flag("--no-bos", options->no_bos, "Do not put the beginning-of-text token before the text");
  command.add_flag("--special", options->special, "Read <|...|> in the text as control tokens");
  command
      .add_option("-o,--out", options->out,
                  "NAME or NAME.json: header NAME.json and values NAME.f32; NAME.npy: one value as NumPy array")
      ->required();
  command.add_option("--ops", options->ops, "all, layers (embed, layer_output, logits), or names with commas")
      ->capture_default_str();
  command.add_option("--layers", options->layers, "A-B: only these layers, from 0 (default: all)");
  command.add_option("--positions", options->positions, "A-B: only these token positions, from 0 (default: all)");
  command.add_flag("--json", options->json, "What was written, as JSON");
  AddComputeFlags(command, options->engine);
  command.footer(absl::StrCat(KnownValues(),
                              "Examples:\n"
                              "  xtask trace model.gguf --prompt \"The capital of France is\" --out run.json\n"
                              "  xtask trace model.gguf --ids ids.i32 --ops q_rope,attention --layers 3-5 --out part\n"
                              "  xtask trace model.gguf --ids ids.npy --ops logits --out logits.npy\n"
                              "Read in Python: docs/trace_format.md. Compare: xtask crossval.\n"
                              "Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted (nothing is left)."));
  command.callback([options, &context] {
    const absl::Status status = RunTrace(*options, context);
    context.exit_code = status.ok() ? kExitOk : ReportError(context.environment, status);
  });
}

}  // namespace bitnet::xtask
