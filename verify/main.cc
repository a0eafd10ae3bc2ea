// verify: audits one receipt. See docs/verification.md; all that it decides is in audit.h.

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bitnet/receipt/json_reader.h"
#include "verify/audit.h"
#include "verify/challenge_command.h"
#include "verify/policy.h"
#include "verify/report.h"

namespace bitnet::verify {
namespace {

constexpr int kExitUsage = 2;

constexpr char kFooter[] =
    "Exit codes:\n"
    "  0  ACCEPT        every required check passed\n"
    "  1  REJECT        some check failed\n"
    "  2  MALFORMED     the text is not one readable receipt; also: wrong usage, unreadable file\n"
    "  3  UNVERIFIABLE  nothing failed, but something required is not established\n"
    "\n"
    "Environment: BITNET_STRICT_MODE=1 is --strict; NO_COLOR switches colors off.\n"
    "\n"
    "Examples:\n"
    "  verify receipt.json\n"
    "  verify --policy policy.json --json receipt.json\n"
    "  xtask infer --prompt Hello --receipt receipt.json && verify receipt.json\n"
    "  verify --level L0 - < receipt.json\n"
    "  verify challenge new --help\n";

struct Options {
  std::string receipt;
  std::string policy;
  std::string level;
  bool strict = false;
  bool json = false;
};

// The whole text of a file or of stdin ("-"), but never more than a receipt may have and one byte.
absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::FILE* file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  if (file == nullptr) return absl::NotFoundError(absl::StrCat("cannot open ", path, ": ", std::strerror(errno)));
  std::string text(kMaxReceiptBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  const bool failed = std::ferror(file) != 0;
  if (file != stdin) std::fclose(file);
  if (failed) return absl::UnavailableError(absl::StrCat("cannot read ", path));
  return text;
}

// BITNET_STRICT_MODE; a value that is neither 0 nor 1 is no answer, least of all "not strict".
absl::StatusOr<bool> StrictByEnvironment() {
  const char* variable = std::getenv("BITNET_STRICT_MODE");
  const std::string_view value = variable == nullptr ? "" : variable;
  if (value.empty() || value == "0") return false;
  if (value == "1") return true;
  return absl::InvalidArgumentError(absl::StrCat("BITNET_STRICT_MODE: expected 0 or 1, got \"", value, "\""));
}

// The policy file, then what the command line and the environment add: they can only ask for more. Without a file there
// is no one else's demand to fall short of, and --level chooses freely.
absl::StatusOr<Policy> MakePolicy(const Options& options) {
  Policy policy;
  if (!options.policy.empty()) {
    absl::StatusOr<std::string> text = ReadText(options.policy);
    if (!text.ok()) return text.status();
    absl::StatusOr<Policy> parsed = ParsePolicy(*text);
    if (!parsed.ok())
      return absl::Status(parsed.status().code(), absl::StrCat(options.policy, ": ", parsed.status().message()));
    policy = *std::move(parsed);
  }
  if (!options.level.empty()) {
    if (options.policy.empty()) policy.min_level = Level::kL0;
    if (absl::Status raised = RaiseLevel(options.level, policy); !raised.ok()) {
      return absl::Status(raised.code(), absl::StrCat("--level: ", raised.message()));
    }
  }
  const absl::StatusOr<bool> strict = StrictByEnvironment();
  if (!strict.ok()) return strict.status();
  policy.strict |= options.strict || *strict;
  return policy;
}

int Run(const Options& options) {
  const absl::StatusOr<Policy> policy = MakePolicy(options);
  if (!policy.ok()) {
    std::fprintf(stderr, "verify: %s\n", std::string(policy.status().message()).c_str());
    return kExitUsage;
  }
  const absl::StatusOr<std::string> text = ReadText(options.receipt);
  if (!text.ok()) {
    std::fprintf(stderr, "verify: %s\n", std::string(text.status().message()).c_str());
    return kExitUsage;
  }
  const AuditReport report = AuditReceiptText(*text, *policy, absl::Now());
  const char* no_color = std::getenv("NO_COLOR");
  const bool color = isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == '\0');
  const std::string out = options.json ? JsonReport(report) : TextReport(report, {color, options.receipt});
  // A verdict that could not be written was not given.
  if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size() || std::fflush(stdout) != 0) return kExitUsage;
  return VerdictExitCode(report.verdict);
}

}  // namespace
}  // namespace bitnet::verify

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "challenge") return bitnet::verify::RunChallengeCommand(argc, argv);
  bitnet::verify::Options options;
  CLI::App app("Audits a receipt: whether its claims are well-formed (L0) and agree with each other (L1).", "verify");
  app.footer(bitnet::verify::kFooter);
  app.add_option("receipt", options.receipt, "receipt to audit; - reads standard input")
      ->required()
      ->type_name("RECEIPT");
  app.add_option("--policy", options.policy, "policy file; without it the built-in policy requires L1")
      ->type_name("FILE");
  app.add_option("--level", options.level, "level to audit at; not below that of --policy")->type_name("L0..L4");
  app.add_flag("--strict", options.strict, "accept nothing that was not measured, and no build that names no commit");
  app.add_flag("--json", options.json, "write the report as canonical JSON");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : bitnet::verify::kExitUsage;
  }
  return bitnet::verify::Run(options);
}
