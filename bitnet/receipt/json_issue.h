// What is wrong with a receipt's text, where, and how often.
//
// A text of 64 KiB can be wrong in tens of thousands of places, each with a path that is nearly as long as the text.
// What is kept of that is bounded: the first few issues of each kind, the number of all, and paths cut to a length that
// a reader can use.

#ifndef BITNET_RECEIPT_JSON_ISSUE_H_
#define BITNET_RECEIPT_JSON_ISSUE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace bitnet {

// Each kind is one rule of the auditor.
enum class JsonIssueKind : uint8_t {
  kSyntax,     // L0-JSON: not one JSON text in UTF-8 without a byte order mark, or not an object
  kLimit,      // L0-LIMIT: larger or deeper than a receipt may be
  kDuplicate,  // L0-DUP: two members of one object that some reader would take for the same one
  kNumber,     // L0-NUM: a number outside the interoperable range
  kType,       // L0-TYPE: a known member of another type than the schema says
  kUnknown,    // L0-UNKNOWN: a member that the schema does not have, or whose name no schema would have
};
inline constexpr size_t kJsonIssueKinds = 6;

struct JsonIssue {
  JsonIssueKind kind;
  std::string path;  // JSON pointer of the value, "" for the whole text; of a long one the beginning and "..."
  std::string message;
};

// The way from the top of a tree to one value. Costs nothing until it is printed. Names must outlive it.
class JsonPath {
 public:
  void Push(std::string_view name) { steps_.emplace_back(name); }
  void Push(size_t index) { steps_.emplace_back(index); }
  void Pop() { steps_.pop_back(); }

  // As a JSON pointer of at most kMaxBytes, and "..." where it was cut.
  std::string Print() const;

  static constexpr size_t kMaxBytes = 200;

 private:
  std::vector<std::variant<std::string_view, size_t>> steps_;
};

// The issues of one text in the order in which they were found, at most kKept of each kind; all of them are counted.
class JsonIssues {
 public:
  static constexpr uint64_t kKept = 16;

  // `path` is printed, and `message` made, only if the issue is kept.
  template <typename MakeMessage>
  void Add(JsonIssueKind kind, const JsonPath& path, const MakeMessage& message) {
    if (Counted(kind)) kept_.push_back({kind, path.Print(), std::string(message())});
  }
  // About the whole text.
  void Add(JsonIssueKind kind, std::string message) {
    if (Counted(kind)) kept_.push_back({kind, "", std::move(message)});
  }

  uint64_t Count(JsonIssueKind kind) const { return counts_[static_cast<size_t>(kind)]; }

  bool empty() const { return kept_.empty(); }
  size_t size() const { return kept_.size(); }
  const JsonIssue& front() const { return kept_.front(); }
  const JsonIssue& operator[](size_t i) const { return kept_[i]; }
  std::vector<JsonIssue>::const_iterator begin() const { return kept_.begin(); }
  std::vector<JsonIssue>::const_iterator end() const { return kept_.end(); }

 private:
  // Counts one more; whether it is among the first of its kind.
  bool Counted(JsonIssueKind kind) { return counts_[static_cast<size_t>(kind)]++ < kKept; }

  std::vector<JsonIssue> kept_;
  std::array<uint64_t, kJsonIssueKinds> counts_ = {};
};

}  // namespace bitnet

#endif  // BITNET_RECEIPT_JSON_ISSUE_H_
