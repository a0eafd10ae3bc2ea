// The input of `xtask batch`: one JSON object a line, a prompt each.
//
//   {"prompt": "The capital of France is"}
//   {"id": "q-17", "prompt": "..."}              id: a text or an integer, given back beside the answer
//   {"prompt_ids": [128000, 791, 6864]}          token ids instead of text

#ifndef XTASK_BATCH_LINES_H_
#define XTASK_BATCH_LINES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet::xtask {

struct BatchLine {
  size_t number = 0;                  // in the file, from 1
  std::optional<JsonValue> id;        // a string or an integer
  std::optional<std::string> prompt;  // text, or else:
  std::vector<TokenId> prompt_ids;    // >= 1
};

// Empty lines are skipped; a line may end with "\r\n". InvalidArgument names the line, what was expected and what was
// there: no line at all, no JSON object, names that are not above or twice, both prompts or none, a token id
// outside 0..2^31-1.
absl::StatusOr<std::vector<BatchLine>> ParseBatchLines(std::string_view text);

}  // namespace bitnet::xtask

#endif  // XTASK_BATCH_LINES_H_
