#include "bitnet/tokenizer/byte_alphabet.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "bitnet/tokenizer/utf8.h"

namespace bitnet {
namespace {

constexpr bool IsItself(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
  std::array<char16_t, 256> characters{};  // of each byte
  std::array<int16_t, 0x144> bytes{};      // of each character; -1: none. 0x144 = 0x100 + 68
};

constexpr Alphabet MakeAlphabet() {
  Alphabet alphabet;
  for (int16_t& byte : alphabet.bytes) byte = -1;
  char16_t next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const char16_t character = IsItself(byte) ? static_cast<char16_t>(byte) : next++;
    alphabet.characters[byte] = character;
    alphabet.bytes[character] = static_cast<int16_t>(byte);
  }
  return alphabet;
}

constexpr Alphabet kAlphabet = MakeAlphabet();

}  // namespace

char* DecodeByteAlphabet(std::string_view text, char* out) {
  // Every character of the alphabet is one or two bytes of UTF-8.
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned character = static_cast<uint8_t>(text[i]);
    if (character >= 0x80) {
      if (character < 0xC2 || character > 0xC5 || ++i == text.size()) return nullptr;
      const unsigned tail = static_cast<uint8_t>(text[i]);
      if ((tail & 0xC0) != 0x80) return nullptr;
      character = (character & 0x1F) << 6 | (tail & 0x3F);
      if (character >= kAlphabet.bytes.size()) return nullptr;
    }
    const int16_t byte = kAlphabet.bytes[character];
    if (byte < 0) return nullptr;
    *out++ = static_cast<char>(byte);
  }
  return out;
}

std::string EncodeByteAlphabet(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) AppendUtf8(kAlphabet.characters[static_cast<uint8_t>(byte)], &text);
  return text;
}

}  // namespace bitnet
