// xtask convert: flags of ConvertModel.

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "bitnet/tensor/ternary_formats.h"
#include "xtask/commands.h"
#include "xtask/convert_model.h"
#include "xtask/diagnostics.h"

namespace bitnet::xtask {

void AddConvertCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<ConvertModelOptions>();
  std::string formats = "Formats:";
  for (const TernaryFormat& format : kTernaryFormats) absl::StrAppend(&formats, " ", format.name);
  CLI::App& command = *app.add_subcommand("convert", "Another ternary format, every trit and scale the same");
  command.add_option("in", options->in, "GGUF file or Hugging Face model directory to read")->required();
  command.add_option("out", options->out, "GGUF file to write; it appears whole or not at all")->required();
  command.add_option("--to", options->to, "Format of the ternary tensors")->required();
  command.add_option("--from", options->from, "What the input is when its bytes do not tell: i2_s_64");
  command.add_option("--quantize", options->quantize,
                     "absmax or absmean: change F32, F16 or BF16 matrices that are not ternary; the error is reported");
  command.add_option("--weight-scale", options->weight_scale,
                     "direct or inverse: what the scales of packed safetensors mean, whatever config.json says");
  command.add_option("--kernel-config", options->kernel_config,
                     "kernel_config.ini with the tilings of a TL1 or TL2 input that has none, else of the output");
  command.add_flag("--verify", options->verify, "Read the output again, before it stands at OUT, and compare every trit, scale and byte");
  command.add_flag("--force", options->force, "Replace a file at OUT");
  command.add_option("-t,--threads", options->threads, "Worker threads (default: one per usable core)")
      ->check(CLI::Range(1, 1024));
  command.add_flag("--json", options->json, "Report as a JSON object");
  command.footer(absl::StrCat(formats,
                              "\n"
                              "Examples:\n"
                              "  xtask convert model-i2_s.gguf model-tq2_0.gguf --to tq2_0 --verify\n"
                              "  xtask convert arm.gguf model.gguf --to i2_s --from i2_s_64\n"
                              "  xtask convert tl2.gguf model.gguf --to i2_s --kernel-config kernel_config.ini\n"
                              "  xtask convert f16.gguf model.gguf --to i2_s --quantize absmean --json\n"
                              "  xtask convert bitnet-b1.58-2B-4T/ model.gguf --to i2_s --verify\n"
                              "Exit codes: 0 done, 1 verification found a difference or writing failed, 2 bad flags or "
                              "input,\n130 interrupted."));
  command.callback([options, &context] {
    options->progress = context.environment.progress;
    options->color = context.environment.color;
    options->cancelled = &context.interrupted;
    const absl::Status status = ConvertModel(*options);
    context.exit_code = status.ok() ? kExitOk : ReportError(context.environment, status);
  });
}

}  // namespace bitnet::xtask
