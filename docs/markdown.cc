#include "docs/markdown.h"

#include <cctype>
#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace bitnet::docs {
namespace {

// The lines outside ``` fences.
std::vector<std::string_view> ProseLines(std::string_view markdown) {
  std::vector<std::string_view> lines;
  bool fenced = false;
  for (std::string_view line : absl::StrSplit(markdown, '\n')) {
    if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(line), "```")) {
      fenced = !fenced;
    } else if (!fenced) {
      lines.push_back(line);
    }
  }
  return lines;
}

std::string WithoutCode(std::string_view line) {
  std::string out;
  bool code = false;
  for (char c : line) {
    if (c == '`') {
      code = !code;
    } else if (!code) {
      out.push_back(c);
    }
  }
  return out;
}

// The number of leading #, or 0 for a line that is no heading.
size_t HeadingLevel(std::string_view line) {
  const size_t level = line.find_first_not_of('#');
  return level != std::string_view::npos && level > 0 && line[level] == ' ' ? level : 0;
}

bool IsRuler(std::string_view line) {
  return absl::StartsWith(line, "|") && line.find_first_not_of("|-: ") == std::string_view::npos;
}

std::vector<std::string> Cells(std::string_view line) {
  line = absl::StripAsciiWhitespace(line);
  line.remove_prefix(1);
  if (absl::EndsWith(line, "|")) line.remove_suffix(1);
  std::vector<std::string> cells;
  for (std::string_view cell : absl::StrSplit(line, '|')) cells.emplace_back(absl::StripAsciiWhitespace(cell));
  return cells;
}

}  // namespace

std::string ReadDocument(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::string> Links(std::string_view markdown) {
  std::vector<std::string> links;
  for (std::string_view line : ProseLines(markdown)) {
    const std::string text = WithoutCode(line);
    for (size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at + 2)) {
      const size_t end = text.find(')', at);
      if (end != std::string::npos) links.push_back(text.substr(at + 2, end - at - 2));
    }
  }
  return links;
}

std::vector<std::string> Anchors(std::string_view markdown) {
  std::vector<std::string> anchors;
  for (std::string_view line : ProseLines(markdown)) {
    const size_t level = HeadingLevel(line);
    if (level == 0) continue;
    std::string anchor;
    for (char c : absl::StripAsciiWhitespace(line.substr(level))) {
      if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_') {
        anchor.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
      } else if (c == ' ') {
        anchor.push_back('-');
      }
    }
    anchors.push_back(anchor);
  }
  return anchors;
}

std::vector<std::vector<std::string>> TableRows(std::string_view markdown) {
  std::vector<std::vector<std::string>> rows;
  bool in_body = false;
  for (std::string_view line : ProseLines(markdown)) {
    if (IsRuler(line)) {
      in_body = true;
    } else if (!absl::StartsWith(line, "|")) {
      in_body = false;
    } else if (in_body) {
      rows.push_back(Cells(line));
    }
  }
  return rows;
}

std::string_view Section(std::string_view markdown, std::string_view heading) {
  const size_t level = HeadingLevel(heading);
  size_t begin = std::string_view::npos;
  size_t at = 0;
  for (std::string_view line : absl::StrSplit(markdown, '\n')) {
    const size_t line_level = HeadingLevel(line);
    if (begin == std::string_view::npos) {
      if (line == heading) begin = at;
    } else if (line_level > 0 && line_level <= level) {
      return markdown.substr(begin, at - begin);
    }
    at += line.size() + 1;
  }
  return begin == std::string_view::npos ? std::string_view() : markdown.substr(begin);
}

}  // namespace bitnet::docs
