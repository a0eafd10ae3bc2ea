// Artifacts: what an auditor was given beside the receipt, already read, hashed or recomputed.

#ifndef VERIFY_ARTIFACTS_H_
#define VERIFY_ARTIFACTS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "bitnet/attest/challenge.h"
#include "bitnet/attest/ledger.h"
#include "bitnet/commitment/commitment_file.h"

namespace bitnet::verify {

// A model file, digested by the auditor. Digests are 64 hexadecimal digits.
struct ModelArtifact {
  std::string file_sha256;
  uint64_t file_bytes = 0;
  std::string tensor_root;
  std::string ternary_digest;
  std::string tokenizer_sha256;
  uint64_t n_tensors = 0;
};

// A run computed again by the auditor.
struct ReplayArtifact {
  std::string isa;          // instruction set that it was computed with
  std::string file_sha256;  // of the model that it was computed with
  std::string prompt_ids_digest;
  std::string output_ids_digest;
  uint64_t size = 0;  // positions
  std::string numerics_root;
  std::string
      first_difference;      // "position 41, layer 3: keys and values"; empty: none, or there was nothing to look in
  std::string error;         // why nothing could be recomputed; then nothing above counts
  std::string wrong_choice;  // what sampling would have chosen where the run chose another; empty: nowhere
};

// The same run computed again by code that shares nothing with the engine (verify/independent).
struct IndependentArtifact {
  std::string file_sha256;        // of the model that was read
  uint64_t positions = 0;         // compared to their end
  uint64_t products = 0;          // rows of ternary products that passed Freivalds' test
  int error_bits = 0;             // a wrong one among them passed with a chance below 2^-error_bits
  uint64_t choices = 0;           // tokens chosen in the run
  uint64_t choices_compared = 0;  // of those, whose logits were computed; fewer in a sample
  std::string first_difference;
  std::string error;  // why nothing could be computed; then nothing above counts
};

// A run that the auditor launched and timed itself.
struct LaunchArtifact {
  std::string nonce;      // of the challenge that was made for it, 64 hexadecimal digits
  uint64_t outer_ns = 0;  // from before the program was started until it had ended, by the auditor's clock
  std::string failure;  // how it ended, if not with exit code 0 and its receipt written: "signal 9", "exit code 1: ..."
};

// Empty members were not given: a rule that needs one is MISSING, never satisfied.
struct Artifacts {
  std::optional<ModelArtifact> model;
  std::optional<Commitment> commitment;
  std::optional<ReplayArtifact> replay;
  std::optional<IndependentArtifact> independent;
  std::optional<LaunchArtifact> launch;
  std::optional<attest::Challenge> challenge;  // that the run had to answer
  const attest::Ledger* ledger = nullptr;      // of nonces already seen; not owned
};

}  // namespace bitnet::verify

#endif  // VERIFY_ARTIFACTS_H_
