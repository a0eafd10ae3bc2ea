// As much Markdown as the tests of documents need: links, headings and table rows.

#ifndef DOCS_MARKDOWN_H_
#define DOCS_MARKDOWN_H_

#include <string>
#include <string_view>
#include <vector>

namespace bitnet::docs {

// The text of a runfile. Empty when it cannot be read.
std::string ReadDocument(const std::string& path);

// Targets of [text](target), in order. Code, fenced or in backticks, has none.
std::vector<std::string> Links(std::string_view markdown);

// The names by which links reach the headings: lower case, spaces to hyphens, other punctuation dropped.
std::vector<std::string> Anchors(std::string_view markdown);

// The rows of all tables, without heads and rulers: cells, trimmed.
std::vector<std::vector<std::string>> TableRows(std::string_view markdown);

// The text from the heading line `heading` ("## Floors") to the next heading of the same or a higher level. Empty when
// there is none.
std::string_view Section(std::string_view markdown, std::string_view heading);

}  // namespace bitnet::docs

#endif  // DOCS_MARKDOWN_H_
