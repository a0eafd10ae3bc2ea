// Launching a run: its challenge, its files, its time.

#ifndef VERIFY_LAUNCH_H_
#define VERIFY_LAUNCH_H_

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bitnet/attest/challenge.h"
#include "verify/artifacts.h"

namespace bitnet::verify {

// Where a launched run finds its challenge and leaves what it writes, all in one folder.
struct LaunchPaths {
  std::string challenge;   // challenge.json
  std::string receipt;     // receipt.json, a receipt or the signed bundle around one
  std::string commitment;  // run.bnc
};

struct LaunchRequest {
  std::vector<std::string> command;  // the program and its arguments, with placeholders
  std::string folder;                // new or empty
  std::string issued_by = "verify run";
  absl::Duration timeout = absl::Hours(1);
  bool needs_commitment = false;
};

struct Launched {
  attest::Challenge challenge;
  LaunchPaths paths;
  LaunchArtifact artifact;
  std::string receipt;  // its text; empty when there is none
};

// `word` with "{challenge}", "{receipt}" and "{commitment}" replaced by the paths. Other braces stay.
std::string FillPlaceholders(std::string_view word, const LaunchPaths& paths);

// Makes the folder and a challenge with a new nonce, runs the command without a shell (its placeholders filled, the
// same paths in BITNET_RUN_CHALLENGE, BITNET_RUN_RECEIPT and BITNET_RUN_COMMITMENT), and reads the receipt when it has
// ended. Whatever the program does is in the artifact, never an error. InvalidArgument: the folder is not empty, the
// request cannot be meant; NotFound: there is no such program.
absl::StatusOr<Launched> Launch(const LaunchRequest& request, const std::atomic<bool>& interrupted);

}  // namespace bitnet::verify

#endif  // VERIFY_LAUNCH_H_
