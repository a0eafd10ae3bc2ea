// The printable alphabet in which GPT-2 vocabularies spell bytes: one character for each of the 256 bytes.
//
//   bytes 21-7E, A1-AC, AE-FF      the character with the same number ("a" is "a")
//   the other 68, in rising order  U+0100, U+0101, ... (space 20 is U+0120 "Ġ", line feed 0A is U+010A "Ċ")
//
// Source: bytes_to_unicode in the published encoder of GPT-2.

#ifndef BITNET_TOKENIZER_BYTE_ALPHABET_H_
#define BITNET_TOKENIZER_BYTE_ALPHABET_H_

#include <string>
#include <string_view>

namespace bitnet {

// "Ġthe" -> " the". Writes at most text.size() bytes to `out` and returns the end of what was written, or nullptr when
// a character lies outside the alphabet (then `out` holds garbage).
char* DecodeByteAlphabet(std::string_view text, char* out);

// " the" -> "Ġthe". Any bytes.
std::string EncodeByteAlphabet(std::string_view bytes);

}  // namespace bitnet

#endif  // BITNET_TOKENIZER_BYTE_ALPHABET_H_
