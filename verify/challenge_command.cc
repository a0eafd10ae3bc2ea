#include "verify/challenge_command.h"

#include <cstdio>
#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bitnet/attest/challenge.h"
#include "bitnet/base/new_file.h"
#include "bitnet/base/status_macros.h"

namespace bitnet::verify {
namespace {

constexpr int kExitUsage = 2;

constexpr char kFooter[] =
    "Exit codes: 0 done, 2 wrong usage or a file that cannot be written.\n"
    "\n"
    "Examples:\n"
    "  verify challenge new --issued-by ci:nightly --out challenge.json\n"
    "  verify challenge new --issued-by alice --ttl 30m --plan-digest $(sha256sum plan.json | cut -c 1-64)\n";

struct Options {
  std::string out = "-";
  std::string issued_by;
  std::string ttl = "1h";
  std::string plan_digest;
};

absl::Status Write(const std::string& out, const std::string& text) {
  // A challenge that is in use must not be lost to a second one of the same name.
  if (out != "-") return WriteNewFile(out, text, 0644);
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) {
    return absl::OkStatus();
  }
  return absl::UnavailableError("cannot write to standard output");
}

absl::Status New(const Options& options) {
  absl::Duration ttl;
  if (!absl::ParseDuration(options.ttl, &ttl)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--ttl: expected a duration such as 30m or 1h, got \"", options.ttl, "\""));
  }
  std::optional<std::string> plan;
  if (!options.plan_digest.empty()) plan = options.plan_digest;
  BITNET_ASSIGN_OR_RETURN(const attest::Challenge challenge,
                          attest::NewChallenge(options.issued_by, absl::Now(), ttl, plan));
  return Write(options.out, attest::WriteChallenge(challenge));
}

}  // namespace

int RunChallengeCommand(int argc, char** argv) {
  Options options;
  CLI::App app("Challenges that make receipts fresh.", "verify challenge");
  app.footer(kFooter);
  app.require_subcommand(1);
  CLI::App& command = *app.add_subcommand("new", "write a challenge with a random nonce of 32 bytes");
  command.footer(kFooter);
  command.add_option("--out", options.out, "file to write, which must not exist; - is standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command.add_option("--issued-by", options.issued_by, "who asks, 1 to 128 printable characters")
      ->type_name("NAME")
      ->required();
  command.add_option("--ttl", options.ttl, "how long it lasts: 1s to 8784h")->type_name("TIME")->capture_default_str();
  command.add_option("--plan-digest", options.plan_digest, "SHA-256 of what was agreed to be run")->type_name("HEX");
  try {
    app.parse(argc - 1, argv + 1);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (const absl::Status status = New(options); !status.ok()) {
    std::fprintf(stderr, "verify challenge new: %s\n", std::string(status.message()).c_str());
    return kExitUsage;
  }
  return 0;
}

}  // namespace bitnet::verify
