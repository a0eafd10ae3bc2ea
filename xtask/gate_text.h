// Text from outside in the files that a gate writes: whatever a child printed or a policy names, each file stays well
// formed and shows it as text.

#ifndef XTASK_GATE_TEXT_H_
#define XTASK_GATE_TEXT_H_

#include <string>
#include <string_view>

namespace bitnet::xtask {

// UTF-8 (RFC 3629): bytes that are none become U+FFFD, one for each byte.
std::string Utf8Text(std::string_view bytes);

// Character data and attribute values of XML 1.0. What its production Char leaves out becomes U+FFFD.
std::string XmlText(std::string_view bytes);

// A cell of a Markdown table: one line, and nothing in it is markup.
std::string MarkdownCell(std::string_view bytes);

// One line for a terminal: no control character is left.
std::string TerminalLine(std::string_view bytes);

}  // namespace bitnet::xtask

#endif  // XTASK_GATE_TEXT_H_
