// xtask quant-report: what each ternary format keeps of generated weights.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/status_macros.h"
#include "xtask/commands.h"
#include "xtask/diagnostics.h"
#include "xtask/engine_flags.h"
#include "xtask/quant_report.h"

namespace bitnet::xtask {
namespace {

struct QuantReportFlags {
  QuantReportOptions report;
  std::string isa = "auto";
  bool json = false;
};

absl::StatusOr<int> RunQuantReport(QuantReportFlags& flags) {
  BITNET_ASSIGN_OR_RETURN(flags.report.isa, ResolveIsa(flags.isa, DetectIsaSet()));
  BITNET_ASSIGN_OR_RETURN(const std::vector<QuantReportRow> rows, MakeQuantReport(flags.report));
  const std::string text = flags.json ? QuantReportJson(flags.report, rows) : QuantReportTable(rows);
  std::fputs(text.c_str(), stdout);
  if (QuantReportHolds(rows)) return kExitOk;
  std::fprintf(stderr, "some format does not give back what was stored in it\n");
  return kExitFailed;
}

}  // namespace

void AddQuantReportCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<QuantReportFlags>();
  CLI::App& command = *app.add_subcommand("quant-report", "What each ternary format keeps of generated weights");
  // At most 2^26 weights: half a gigabyte, with values, trits twice and the packed bytes of one matrix.
  command.add_option("--rows", flags->report.rows, "Rows of the matrix")
      ->check(CLI::Range(int64_t{1}, int64_t{8192}))
      ->capture_default_str();
  command.add_option("--cols", flags->report.cols, "Columns of the matrix")
      ->check(CLI::Range(int64_t{1}, int64_t{8192}))
      ->capture_default_str();
  command.add_option("--seed", flags->report.seed, "Same seed, same weights")->capture_default_str();
  command.add_option("--format", flags->report.formats, "Only this format; may be repeated");
  command.add_option("--isa", flags->isa, "Highest instruction set to use; the figures are the same for all")
      ->capture_default_str();
  command.add_flag("--json", flags->json, "One JSON object");
  command.footer(
      "Trits exact: read back as they were before they were packed. Scale exact: the same for the scale, with the\n"
      "metadata that `convert` writes; the next column is what the tensor's bytes alone give. Errors are those of "
      "what\n"
      "is read back against the weights before quantization, in binary64. q1_0 has no zeros: its ternary row is "
      "binary,\n"
      "and weights that become zeros are refused. For speed: //bitnet/quant:quantize_benchmark.\n"
      "Examples:\n"
      "  xtask quant-report\n"
      "  xtask quant-report --format tq2_0 --format tl2 --rows 640 --cols 2560 --json\n"
      "Exit codes: 0 everything stored came back exactly, 1 something did not, 2 bad flags or a shape that a format\n"
      "cannot have.");
  command.callback([flags, &context] {
    const absl::StatusOr<int> code = RunQuantReport(*flags);
    context.exit_code = code.ok() ? *code : ReportError(context.environment, code.status());
  });
}

}  // namespace bitnet::xtask
