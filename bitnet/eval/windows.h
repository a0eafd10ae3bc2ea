// How a text is cut into windows of a model's context, and which predictions of each count.

#ifndef BITNET_EVAL_WINDOWS_H_
#define BITNET_EVAL_WINDOWS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace bitnet {

// One sequence fed from an empty cache: the beginning-of-text token if `bos`, then tokens [begin, end) of the text.
// Row r of its logits predicts token begin + r, or begin + r + 1 without bos; rows from first_scored on count.
struct Window {
  bool bos = false;
  size_t begin = 0;
  size_t end = 0;
  size_t first_scored = 0;

  size_t rows() const { return (bos ? 1 : 0) + end - begin; }
  size_t scored() const { return rows() - first_scored; }
  size_t Target(size_t row) const { return begin + row + (bos ? 0 : 1); }
};

enum class WindowMethod : uint8_t {
  // Windows of `context` rows that move on by `stride`; each token is scored exactly once (without bos: each but the
  // first of the text), and after the first window with at least context - stride tokens before it.
  kSliding,
  // Disjoint windows of `context` tokens of the text with bos before it, the first token of each replaced by bos; only
  // predictions from the middle on count, and the rest of the text that fills no window does not. What llama.cpp's
  // perplexity tool computes.
  kLlamaCpp,
};

// "sliding", "llamacpp".
std::string_view WindowMethodName(WindowMethod method);

struct WindowOptions {
  WindowMethod method = WindowMethod::kSliding;
  size_t context = 0;  // positions, bos included
  size_t stride = 0;   // kSliding: 1..context
  bool bos = false;    // at the start of every window
};

// The windows of a text of `tokens` tokens, in order. InvalidArgument when options are out of range or nothing would be
// scored.
absl::StatusOr<std::vector<Window>> PlanWindows(size_t tokens, const WindowOptions& options);

}  // namespace bitnet

#endif  // BITNET_EVAL_WINDOWS_H_
