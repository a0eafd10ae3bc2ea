// Pre-tokenizer: cuts text into the words inside which BPE may merge.
//
// The published patterns (PCRE syntax):
//
//   Llama-3  (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+
//            |\s+(?!\S)|\s+
//   GPT-2    's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// RE2 does the splitting in linear time, with three adjustments:
//
// 1. RE2 has no look-ahead. `\s+(?!\S)|\s+` is matched as `\s+`, which takes the whole run of white space, and the
//    look-ahead is then done by hand: a run that something follows gives its last character back, unless it is its only
//    one. That is what a backtracking matcher does: greedy `\s+` is followed by \S, so it retreats by one character,
//    where \s follows; with nothing to retreat to, the second `\s+` takes the single character.
// 2. RE2's \s is ASCII, the original's is Unicode White_Space: the class is written out.
// 3. RE2 does not match bytes that are not UTF-8. They count as symbols, neither letter, number nor white space: the
//    pattern sees U+0001 in the place of each. The pieces are cut from the original text.

#ifndef BITNET_TOKENIZER_PRE_TOKENIZER_H_
#define BITNET_TOKENIZER_PRE_TOKENIZER_H_

#include <memory>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "re2/re2.h"

namespace bitnet {

// How text is cut into words before merging.
enum class PreTokenizer { kLlama3, kGpt2 };

// Immutable; safe to share between threads.
class WordSplitter {
 public:
  explicit WordSplitter(PreTokenizer pre);

  // Calls `word` for each piece in order. The pieces are non-empty views into `text` and concatenate to it.
  void Split(std::string_view text, absl::FunctionRef<void(std::string_view)> word) const;

 private:
  PreTokenizer pre_;
  std::unique_ptr<RE2> pattern_;
};

}  // namespace bitnet

#endif  // BITNET_TOKENIZER_PRE_TOKENIZER_H_
