// Making a synthetic model file, with a progress bar: the body of `xtask gen-model`.

#ifndef XTASK_GEN_MODEL_H_
#define XTASK_GEN_MODEL_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace bitnet::xtask {

struct GenModelOptions {
  std::string preset = "2b-4t";
  uint64_t seed = 1;
  double layer_gain = 1;  // SyntheticPreset::layer_gain, to which it is rounded
  std::string out;
  int threads = 0;        // 0: as many as the process may use cores; the bytes do not depend on it
  bool progress = false;  // draw a bar on stderr, which is a terminal
  bool color = false;     // in colour
  bool json = false;      // last line on stdout as a JSON object
  bool quiet = false;     // nothing on stdout
  const std::atomic<bool>* cancelled = nullptr;  // when it becomes true, the work stops; may be null
};

// Cancelled when *cancelled was raised; NotFound for an unknown preset; otherwise what WriteSyntheticModel says. On
// error nothing is left under options.out that was not there before.
absl::Status GenModel(const GenModelOptions& options);

}  // namespace bitnet::xtask

#endif  // XTASK_GEN_MODEL_H_
