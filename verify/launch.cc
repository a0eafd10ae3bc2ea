#include "verify/launch.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/child_process.h"
#include "bitnet/base/status_macros.h"
#include "verify/text_file.h"

namespace bitnet::verify {
namespace {

absl::Status MakeFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return absl::InvalidArgumentError(absl::StrCat("cannot create ", folder, ": ", error.message()));
  if (!std::filesystem::is_empty(folder, error) || error) {
    return absl::InvalidArgumentError(absl::StrCat("--out ", folder, ": expected a new or empty folder"));
  }
  return absl::OkStatus();
}

// Nothing that could make a reader wait, and nothing that lies elsewhere.
bool IsPlainFile(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(std::filesystem::symlink_status(path, error)) && !error;
}

// How the program ended, if it did not end well.
std::string Failure(const ChildResult& child, const LaunchRequest& request, const LaunchPaths& paths) {
  const std::string_view said = absl::StripAsciiWhitespace(child.err);
  const std::string complaint = said.empty() ? "" : absl::StrCat(": ", said);
  if (child.timed_out) {
    return absl::StrCat("killed after ", absl::FormatDuration(request.timeout), ", the time it was given (--timeout)",
                        complaint);
  }
  if (child.signal != 0) return absl::StrCat("signal ", child.signal, complaint);
  if (child.exit_code != 0) return absl::StrCat("exit code ", child.exit_code, complaint);
  if (!IsPlainFile(paths.receipt)) return absl::StrCat("it wrote no receipt to ", paths.receipt);
  if (request.needs_commitment && !IsPlainFile(paths.commitment)) {
    return absl::StrCat("it wrote no commitment to ", paths.commitment, ", which a replay needs");
  }
  return "";
}

}  // namespace

std::string FillPlaceholders(std::string_view word, const LaunchPaths& paths) {
  return absl::StrReplaceAll(
      word, {{"{challenge}", paths.challenge}, {"{receipt}", paths.receipt}, {"{commitment}", paths.commitment}});
}

absl::StatusOr<Launched> Launch(const LaunchRequest& request, const std::atomic<bool>& interrupted) {
  if (request.command.empty()) return absl::InvalidArgumentError("expected a program to launch after --");
  if (request.timeout < absl::Seconds(1) || request.timeout > absl::Hours(24 * 365)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--timeout: expected 1s to 8760h, got ", absl::FormatDuration(request.timeout)));
  }
  BITNET_RETURN_IF_ERROR(MakeFolder(request.folder));
  Launched launched;
  // Absolute, for the program may go elsewhere before it reads them.
  const std::filesystem::path folder = std::filesystem::absolute(request.folder);
  launched.paths = {(folder / "challenge.json").string(), (folder / "receipt.json").string(),
                    (folder / "run.bnc").string()};
  // It lasts as long as the run may, rounded up: times in it are whole seconds.
  BITNET_ASSIGN_OR_RETURN(
      launched.challenge,
      attest::NewChallenge(request.issued_by, absl::Now(),
                           absl::Ceil(request.timeout, absl::Seconds(1)) + absl::Minutes(1), std::nullopt));
  BITNET_RETURN_IF_ERROR(WriteFileAtomically(launched.paths.challenge, attest::WriteChallenge(launched.challenge)));

  std::vector<std::string> args;
  for (const std::string& word : request.command) args.push_back(FillPlaceholders(word, launched.paths));
  ChildOptions options;
  options.interrupted = &interrupted;
  options.timeout_ns = static_cast<uint64_t>(absl::ToInt64Nanoseconds(request.timeout));
  options.environment = {absl::StrCat("BITNET_RUN_CHALLENGE=", launched.paths.challenge),
                         absl::StrCat("BITNET_RUN_RECEIPT=", launched.paths.receipt),
                         absl::StrCat("BITNET_RUN_COMMITMENT=", launched.paths.commitment)};
  BITNET_ASSIGN_OR_RETURN(const ChildResult child, RunChild(args, options));
  launched.artifact.nonce = launched.challenge.nonce;
  launched.artifact.outer_ns = child.wall_ns;
  launched.artifact.failure = Failure(child, request, launched.paths);
  if (IsPlainFile(launched.paths.receipt)) {
    BITNET_ASSIGN_OR_RETURN(launched.receipt, ReadTextFile(launched.paths.receipt, attest::kMaxBundleBytes));
  }
  return launched;
}

}  // namespace bitnet::verify
