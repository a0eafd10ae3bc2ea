// xtask gen-model: flags of GenModel.

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bitnet/synthetic/presets.h"
#include "xtask/commands.h"
#include "xtask/diagnostics.h"
#include "xtask/gen_model.h"
#include "xtask/number_range.h"

namespace bitnet::xtask {

void AddGenModelCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<GenModelOptions>();
  std::string presets = "Presets:\n";
  for (const SyntheticPreset& preset : SyntheticPresets()) {
    absl::StrAppendFormat(&presets, "  %-12s%s\n", preset.name, preset.purpose);
  }
  CLI::App& command = *app.add_subcommand("gen-model", "Write a seeded synthetic model of an exact architecture");
  command.add_option("--preset", options->preset, "Shape of the model")->capture_default_str();
  command.add_option("--seed", options->seed, "Same seed, same bytes")->capture_default_str();
  command
      .add_option("--layer-gain", options->layer_gain,
                  "Scale of what the layers add: near 0.1 text repeats itself, from 0.2 on hardly ever")
      ->capture_default_str()
      ->check(NumberRange(1e-3, 10));
  command.add_option("--out", options->out, "File to write")->required();
  command.add_option("-t,--threads", options->threads, "Worker threads (default: one per usable core)")
      ->check(CLI::Range(1, 1024));
  command.add_flag("--json", options->json, "Result as a JSON object");
  command.footer(absl::StrCat(presets,
                              "Examples:\n"
                              "  xtask gen-model --preset 2b-4t --seed 1 --out model.gguf\n"
                              "  xtask gen-model --preset tiny --seed 7 --out tiny.gguf --json"));
  command.callback([options, &context] {
    options->progress = context.environment.progress;
    options->color = context.environment.color;
    options->cancelled = &context.interrupted;
    const absl::Status status = GenModel(*options);
    context.exit_code = status.ok() ? kExitOk : ReportError(context.environment, status);
  });
}

}  // namespace bitnet::xtask
