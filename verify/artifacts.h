// Artifacts: what an auditor was given beside the receipt, already read, hashed or recomputed.

#ifndef VERIFY_ARTIFACTS_H_
#define VERIFY_ARTIFACTS_H_

#include <cstdint>
#include <optional>
#include <string>

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

// Empty members were not given: a rule that needs one is MISSING, never satisfied.
struct Artifacts {
  std::optional<ModelArtifact> model;
};

}  // namespace bitnet::verify

#endif  // VERIFY_ARTIFACTS_H_
