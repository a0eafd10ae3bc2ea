#include "xtask/gate_text.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "bitnet/tokenizer/utf8.h"

namespace bitnet::xtask {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Calls append(character, its bytes) for each character, and with U+FFFD for each byte that belongs to none.
template <typename Append>
std::string Rewrite(std::string_view bytes, const Append& append) {
  std::string out;
  while (!bytes.empty()) {
    const size_t size = Utf8CharLength(bytes);
    if (size == 0) {
      append(U'\uFFFD', kReplacement, out);
    } else {
      append(DecodeUtf8Char(bytes), bytes.substr(0, size), out);
    }
    bytes.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

bool IsControl(char32_t value) { return value < 0x20 || (value >= 0x7F && value < 0xA0); }

}  // namespace

std::string Utf8Text(std::string_view bytes) {
  return Rewrite(bytes, [](char32_t, std::string_view text, std::string& out) { out += text; });
}

std::string XmlText(std::string_view bytes) {
  return Rewrite(bytes, [](char32_t value, std::string_view text, std::string& out) {
    constexpr std::string_view kMarkup = "&<>\"'\t\n\r";
    if (value < 0x80 && kMarkup.find(static_cast<char>(value)) != std::string_view::npos) {
      absl::StrAppend(&out, "&#", static_cast<uint32_t>(value), ";");
    } else {
      out += value < 0x20 || value == 0xFFFE || value == 0xFFFF ? kReplacement : text;
    }
  });
}

std::string MarkdownCell(std::string_view bytes) {
  return Rewrite(bytes, [](char32_t value, std::string_view text, std::string& out) {
    constexpr std::string_view kMarkup = "\\|<>[]`*&~#!";
    if (value < 0x80 && kMarkup.find(static_cast<char>(value)) != std::string_view::npos) out.push_back('\\');
    out += IsControl(value) ? " " : text;
  });
}

std::string TerminalLine(std::string_view bytes) {
  return Rewrite(bytes,
                 [](char32_t value, std::string_view text, std::string& out) { out += IsControl(value) ? " " : text; });
}

}  // namespace bitnet::xtask
