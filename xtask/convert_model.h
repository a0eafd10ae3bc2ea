// The body of `xtask convert`: from a path to a path, with a report.

#ifndef XTASK_CONVERT_MODEL_H_
#define XTASK_CONVERT_MODEL_H_

#include <atomic>
#include <string>

#include "absl/status/status.h"

namespace bitnet::xtask {

struct ConvertModelOptions {
  std::string in;  // GGUF file or Hugging Face directory
  std::string out;
  std::string to;             // name of a codec
  std::string from;           // the same, or "": as the file says
  std::string quantize;       // "absmax", "absmean", or "": what is not ternary is refused
  std::string weight_scale;   // of a directory: "direct", "inverse", or "": as its config.json says
  std::string kernel_config;  // path of a kernel_config.ini, or ""
  bool verify = false;
  bool force = false;     // replace a file at `out`
  int threads = 0;        // 0: as many as the process may use cores; the bytes do not depend on it
  bool json = false;      // the report as a JSON object
  bool progress = false;  // draw a bar on stderr, which is a terminal
  bool color = false;     // in colour
  const std::atomic<bool>* cancelled = nullptr;  // when it becomes true, the work stops; may be null
};

// Converts and reports on stdout. InvalidArgument for flags that cannot be meant, AlreadyExists for a file at `out`
// without `force`, DataLoss when verification found a difference; otherwise what Convert says. On any error what stood
// at `out` is as it was.
absl::Status ConvertModel(const ConvertModelOptions& options);

}  // namespace bitnet::xtask

#endif  // XTASK_CONVERT_MODEL_H_
