#include "bitnet/arrays/npy_header.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/arrays/array_view.h"
#include "bitnet/base/status_macros.h"

namespace bitnet {
namespace {

// Names and type names are shorter; what is longer is not worth showing.
constexpr size_t kMaxString = 64;

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  void SkipSpace() {
    while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool AtEnd() const { return at_ == text_.size(); }

  // Takes `token` if it comes next, after white space.
  bool Take(std::string_view token) {
    SkipSpace();
    if (!absl::StartsWith(text_.substr(at_), token)) return false;
    at_ += token.size();
    return true;
  }

  absl::Status Expect(std::string_view token) {
    if (Take(token)) return absl::OkStatus();
    return Error(absl::StrCat("\"", token, "\""));
  }

  absl::Status Error(std::string_view expected) const {
    return absl::InvalidArgumentError(
        absl::StrCat(".npy header, offset ", at_, ": expected ", expected, ", got ",
                     AtEnd() ? "the end" : absl::StrCat("\"", absl::CHexEscape(text_.substr(at_, 12)), "\"")));
  }

  // 'name' or "name", without escapes.
  absl::StatusOr<std::string> String() {
    SkipSpace();
    if (AtEnd() || (text_[at_] != '\'' && text_[at_] != '"')) return Error("a string");
    const size_t end = text_.find(text_[at_], at_ + 1);
    if (end == std::string_view::npos || end - at_ - 1 > kMaxString) return Error("a short string");
    const std::string_view value = text_.substr(at_ + 1, end - at_ - 1);
    if (absl::StrContains(value, '\\')) return Error("a string without escapes");
    at_ = end + 1;
    return std::string(value);
  }

  // Digits; the L that Python 2 puts after a long integer is let pass.
  absl::StatusOr<uint64_t> Extent() {
    SkipSpace();
    if (AtEnd() || !absl::ascii_isdigit(static_cast<unsigned char>(text_[at_]))) return Error("an extent");
    const size_t begin = at_;
    uint64_t value = 0;
    size_t i = at_;
    for (; i < text_.size() && absl::ascii_isdigit(static_cast<unsigned char>(text_[i])); ++i) {
      // 15 digits are beyond every array and within 64 bits.
      if (i - begin == 15) return Error("an extent below 10^15");
      value = value * 10 + static_cast<uint64_t>(text_[i] - '0');
    }
    at_ = i;
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;
    return value;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

absl::StatusOr<std::vector<uint64_t>> ParseShape(Cursor& cursor) {
  BITNET_RETURN_IF_ERROR(cursor.Expect("("));
  std::vector<uint64_t> shape;
  while (!cursor.Take(")")) {
    if (shape.size() == kMaxArrayDims) return cursor.Error(absl::StrCat("at most ", kMaxArrayDims, " dimensions"));
    BITNET_ASSIGN_OR_RETURN(const uint64_t extent, cursor.Extent());
    shape.push_back(extent);
    if (cursor.Take(",")) continue;
    // (3) is a number in Python, only (3,) is a tuple.
    if (shape.size() == 1) return cursor.Error("\",\" after the only extent");
    BITNET_RETURN_IF_ERROR(cursor.Expect(")"));
    break;
  }
  return shape;
}

absl::Status ParseMember(Cursor& cursor, const std::string& name, NpyHeader& header) {
  if (name == "descr") {
    if (cursor.Take("[")) {
      return absl::UnimplementedError(".npy header: structured types are not read; save each field as its own array");
    }
    BITNET_ASSIGN_OR_RETURN(header.descr, cursor.String());
  } else if (name == "fortran_order") {
    header.fortran_order = cursor.Take("True");
    if (!header.fortran_order) BITNET_RETURN_IF_ERROR(cursor.Expect("False"));
  } else if (name == "shape") {
    BITNET_ASSIGN_OR_RETURN(header.shape, ParseShape(cursor));
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat(".npy header: expected descr, fortran_order and shape, got \"", absl::CHexEscape(name), "\""));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<NpyHeader> ParseNpyHeader(std::string_view text) {
  Cursor cursor(text);
  NpyHeader header;
  std::vector<std::string> seen;
  BITNET_RETURN_IF_ERROR(cursor.Expect("{"));
  while (!cursor.Take("}")) {
    BITNET_ASSIGN_OR_RETURN(const std::string name, cursor.String());
    for (const std::string& other : seen) {
      if (other == name) {
        return absl::InvalidArgumentError(absl::StrCat(".npy header: \"", absl::CHexEscape(name), "\" twice"));
      }
    }
    BITNET_RETURN_IF_ERROR(cursor.Expect(":"));
    BITNET_RETURN_IF_ERROR(ParseMember(cursor, name, header));
    seen.push_back(name);
    if (cursor.Take(",")) continue;
    BITNET_RETURN_IF_ERROR(cursor.Expect("}"));
    break;
  }
  cursor.SkipSpace();
  if (!cursor.AtEnd()) return cursor.Error("the end");
  if (seen.size() != 3) {
    return absl::InvalidArgumentError(
        absl::StrCat(".npy header: expected descr, fortran_order and shape, got ", seen.size(), " of them"));
  }
  return header;
}

}  // namespace bitnet
