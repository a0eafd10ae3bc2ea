// xtask crossval: two runs, or a file and this engine, compared value by value.

#include "bitnet/eval/crossval.h"

#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bitnet/arrays/array_set.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/engine/session.h"
#include "bitnet/receipt/json_writer.h"
#include "xtask/commands.h"
#include "xtask/crossval_report.h"
#include "xtask/diagnostics.h"
#include "xtask/engine.h"
#include "xtask/engine_flags.h"

namespace bitnet::xtask {
namespace {

struct CrossvalOptions {
  EngineFlags engine;
  std::string reference;
  std::string candidate;
  std::string model;
  std::string ids;
  bool continue_greedy = false;
  std::string shape;
  std::string candidate_shape;
  std::string value;  // empty: none was given
  Tolerances tolerances;
  bool per_position = false;
  bool json = false;
};

absl::StatusOr<std::vector<uint64_t>> ParseShape(const std::string& text) {
  std::vector<uint64_t> shape;
  if (text.empty()) return shape;
  for (const std::string_view part : absl::StrSplit(text, ',')) {
    uint64_t extent = 0;
    if (!absl::SimpleAtoi(part, &extent) || extent == 0) {
      shape.clear();
      break;
    }
    shape.push_back(extent);
  }
  if (shape.size() == 2) return shape;
  return absl::InvalidArgumentError(
      absl::StrCat("shape: expected ROWS,WIDTH, two positive integers, got \"", absl::CHexEscape(text), "\""));
}

bool SaysItsShape(const std::string& path) { return absl::EndsWith(path, ".json") || absl::EndsWith(path, ".npy"); }

absl::Status Unused(std::string_view flag, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(flag, ": ", why, ", so that it would be ignored; leave it out"));
}

// A flag that no file of the comparison takes is a mistake, most likely about what the files are.
absl::Status CheckFlagsAreUsed(const CrossvalOptions& options) {
  const bool live = options.candidate.empty();
  if (!options.candidate_shape.empty() && (live || SaysItsShape(options.candidate))) {
    return Unused("--candidate-shape", live ? "there is no candidate file" : "the candidate says its shape itself");
  }
  const bool shapes_the_candidate = !live && options.candidate_shape.empty() && !SaysItsShape(options.candidate);
  if (!options.shape.empty() && SaysItsShape(options.reference) && !shapes_the_candidate) {
    return Unused("--shape", "only raw f32 files need it");
  }
  const bool named = absl::EndsWith(options.reference, ".json") && (live || absl::EndsWith(options.candidate, ".json"));
  if (!options.value.empty() && named) return Unused("--value", "a trace names its values");
  return absl::OkStatus();
}

absl::StatusOr<ArraySet> OpenSet(const std::string& path, const std::string& shape, const std::string& value) {
  ArraySetOptions options;
  BITNET_ASSIGN_OR_RETURN(options.shape, ParseShape(shape));
  if (!value.empty()) {
    BITNET_ASSIGN_OR_RETURN(options.id, ParseRecordName(value));
  }
  return ArraySet::Open(path, options);
}

absl::StatusOr<CrossvalReport> CompareWithModel(const CrossvalOptions& options, const ArraySet& reference,
                                                const CommandContext& context) {
  std::vector<TokenId> ids = reference.ids();
  if (!options.ids.empty()) {
    BITNET_ASSIGN_OR_RETURN(ids, ReadIdsFile(options.ids));
  }
  if (ids.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.reference, " does not say its token ids: give them with --ids FILE"));
  }
  if (options.continue_greedy) {
    BITNET_ASSIGN_OR_RETURN(ids, ContinueGreedily(std::move(ids), reference));
  }
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, LoadEngine(options.engine, options.model));
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session,
                          engine->StartSession(static_cast<int64_t>(ids.size())));
  return CompareWithEngine(reference, *session, ids, &context.interrupted);
}

// Not a number would let everything pass.
absl::Status CheckTolerances(const Tolerances& tolerances) {
  if (!(tolerances.max_relative >= 0) || !std::isfinite(tolerances.max_relative)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--max-relative: expected a number of at least 0, got ", tolerances.max_relative));
  }
  if (!(tolerances.min_cosine >= -1 && tolerances.min_cosine <= 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--min-cosine: expected a number in -1..1, got ", tolerances.min_cosine));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> RunCrossval(const CrossvalOptions& options, const CommandContext& context) {
  BITNET_RETURN_IF_ERROR(CheckTolerances(options.tolerances));
  if (options.candidate.empty() == options.model.empty()) {
    return absl::InvalidArgumentError("something to compare is needed: exactly one of a candidate file and --model");
  }
  BITNET_RETURN_IF_ERROR(CheckFlagsAreUsed(options));
  BITNET_ASSIGN_OR_RETURN(const ArraySet reference, OpenSet(options.reference, options.shape, options.value));
  absl::StatusOr<CrossvalReport> report;
  if (options.candidate.empty()) {
    report = CompareWithModel(options, reference, context);
  } else {
    BITNET_ASSIGN_OR_RETURN(
        const ArraySet candidate,
        OpenSet(options.candidate, options.candidate_shape.empty() ? options.shape : options.candidate_shape,
                options.value));
    report = CompareSets(reference, candidate);
  }
  BITNET_RETURN_IF_ERROR(report.status());
  if (options.json) {
    std::printf("%s\n", WritePrettyJson(CrossvalJson(*report, options.tolerances)).c_str());
  } else {
    std::fputs(CrossvalTable(*report, options.tolerances, options.per_position).c_str(), stdout);
  }
  return FirstDivergence(*report, options.tolerances) ? kExitFailed : kExitOk;
}

}  // namespace

void AddCrossvalCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<CrossvalOptions>();
  CLI::App& command =
      *app.add_subcommand("crossval", "Compare logits or traces of two runs, or of a file and this engine");
  command.add_option("-r,--reference,reference", options->reference, "A trace's .json, an .npy array, or raw f32 rows")
      ->required();
  command.add_option("--candidate,candidate", options->candidate, "The same of another run");
  CLI::Option* model = command.add_option("-m,--model", options->model, "GGUF model file, to run on the token ids");
  command
      .add_option("--ids", options->ids,
                  "Tokens to feed: raw little-endian int32, .npy, or the .json of a trace (default: the reference's)")
      ->needs(model);
  command
      .add_flag("--continue-greedy", options->continue_greedy,
                "Where ids end before the reference does, feed the token that its logits choose")
      ->needs(model);
  command.add_option("--shape", options->shape, "ROWS,WIDTH of raw f32 files");
  command.add_option("--candidate-shape", options->candidate_shape, "The same for the candidate, when it differs");
  command.add_option("--value", options->value, "What an .npy or raw array holds: OP or layer.N.OP (default: logits)");
  command.add_option("--max-relative", options->tolerances.max_relative, "Largest relative difference of a row")
      ->capture_default_str();
  command.add_option("--min-cosine", options->tolerances.min_cosine, "Smallest cosine of a row")->capture_default_str();
  command.add_flag("--per-position", options->per_position, "A line for every row");
  command.add_flag("--json", options->json, "Every figure of every row, as JSON");
  AddComputeFlags(command, options->engine);
  command.footer(
      "Examples:\n"
      "  xtask crossval reference.json run.json\n"
      "  xtask crossval reference.json -m model.gguf\n"
      "  xtask crossval logits.npy -m model.gguf --ids ids.i32 --per-position\n"
      "  xtask crossval logits.f32 --shape 40,2048 -m model.gguf --ids prompt.i32 --continue-greedy\n"
      "Relative is RMS of the difference over RMS of the reference, both less the row's mean for logits; KL is of\n"
      "reference to candidate, in nats. The default bounds let int8 rounding flips of another engine pass.\n"
      "Exit codes: 0 agree, 1 diverge or the run failed, 2 bad input or unequal sets, 130 interrupted.");
  command.callback([options, &context] {
    const absl::StatusOr<int> code = RunCrossval(*options, context);
    context.exit_code = code.ok() ? *code : ReportError(context.environment, code.status());
  });
}

}  // namespace bitnet::xtask
