// UTF-8 as RFC 3629 defines it: no surrogates, no overlong forms, nothing above U+10FFFF.

#ifndef BITNET_TOKENIZER_UTF8_H_
#define BITNET_TOKENIZER_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace bitnet {

// Bytes (1 to 4) of the well-formed character at the start of `text`; 0 when there is none.
size_t Utf8CharLength(std::string_view text);

bool IsUtf8(std::string_view text);

// How many bytes at the end of `text` may still become a character when more bytes follow: 0 to 3.
size_t IncompleteUtf8Suffix(std::string_view text);

// The character that `text` starts with. Requires Utf8CharLength(text) > 0.
char32_t DecodeUtf8Char(std::string_view text);

// Requires a Unicode scalar value.
void AppendUtf8(char32_t character, std::string* out);

}  // namespace bitnet

#endif  // BITNET_TOKENIZER_UTF8_H_
