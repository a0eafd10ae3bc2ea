#include "verify/rules/rule_facts.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/receipt/json_reader.h"

namespace bitnet::verify {
namespace {

constexpr std::string_view kSha256OfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

}  // namespace

const JsonValue* RuleFacts::Find(std::string_view path) {
  const JsonValue* value = json_ == nullptr ? nullptr : json_->AtPath(path);
  if (value == nullptr) missing_.emplace_back(path);
  return value;
}

bool RuleFacts::Has(std::string_view path) const { return json_ != nullptr && json_->AtPath(path) != nullptr; }

uint64_t RuleFacts::Uint(std::string_view path) {
  const JsonValue* value = Find(path);
  if (value == nullptr) return 0;
  const std::optional<uint64_t> number = value->AsUint64();
  if (number && *number <= kMaxInteger) return *number;
  missing_.push_back(absl::StrCat(path, " as an integer of at most 2^53-1"));
  return 0;
}

double RuleFacts::Number(std::string_view path) {
  const JsonValue* value = Find(path);
  if (value == nullptr) return 0;
  if (value->is_double()) return value->double_value();
  if (const std::optional<uint64_t> number = value->AsUint64()) return static_cast<double>(*number);
  missing_.push_back(absl::StrCat(path, " as a number of at least 0"));
  return 0;
}

bool RuleFacts::Bool(std::string_view path) {
  const JsonValue* value = Find(path);
  if (value == nullptr) return false;
  if (value->is_bool()) return value->bool_value();
  missing_.push_back(absl::StrCat(path, " as true or false"));
  return false;
}

std::string_view RuleFacts::Text(std::string_view path) {
  const JsonValue* value = Find(path);
  if (value == nullptr) return "";
  if (value->is_string()) return value->string();
  missing_.push_back(absl::StrCat(path, " as a string"));
  return "";
}

size_t RuleFacts::Size(std::string_view path) {
  const JsonValue* value = Find(path);
  if (value == nullptr) return 0;
  if (value->is_array()) return value->array().size();
  missing_.push_back(absl::StrCat(path, " as an array"));
  return 0;
}

std::vector<std::string_view> RuleFacts::Texts(std::string_view path) {
  std::vector<std::string_view> texts;
  const size_t size = Size(path);
  for (size_t i = 0; i < size; ++i) texts.push_back(Text(ChildPath(path, i)));
  return texts;
}

void RuleFacts::Expect(bool holds, absl::FunctionRef<std::string()> reason) {
  if (holds) {
    ++held_;
    return;
  }
  if (failures_++ == 0) failure_ = reason();
}

void RuleFacts::ExpectEqual(std::string_view path, uint64_t got, uint64_t expected, std::string_view why) {
  Expect(got == expected, [&] { return absl::StrCat(path, " is ", got, "; expected ", expected, ", ", why); });
}

void RuleFacts::ExpectEqual(std::string_view path, std::string_view got, std::string_view expected) {
  Expect(got == expected, [&] { return absl::StrCat(path, " is \"", got, "\"; expected \"", expected, "\""); });
}

void RuleFacts::ExpectAtMost(std::string_view path, uint64_t got, uint64_t limit, std::string_view what) {
  Expect(got <= limit, [&] { return absl::StrCat(path, " is ", got, "; expected at most ", limit, ", ", what); });
}

void RuleFacts::ExpectPositive(std::string_view path, uint64_t got) {
  Expect(got > 0, [&] { return absl::StrCat(path, " is 0; expected at least 1"); });
}

std::string_view RuleFacts::ExpectDigest(std::string_view path) {
  const std::string_view text = Text(path);
  Expect(IsLowerHex(text, 64), [&] {
    return absl::StrCat(path, " is \"", text, "\"; expected a SHA-256 as 64 lower-case hexadecimal digits");
  });
  Expect(text.find_first_not_of('0') != std::string_view::npos && text != kSha256OfNothing, [&] {
    return absl::StrCat(path, " is \"", text, "\"; expected the SHA-256 of something, not zeros or that of no bytes");
  });
  return text;
}

CheckResult RuleFacts::Result(std::string pass_reason) const {
  if (!missing_.empty()) {
    constexpr size_t kNamed = 4;
    const size_t named = missing_.size() < kNamed ? missing_.size() : kNamed;
    const std::string rest = missing_.size() > named ? absl::StrCat(" and ", missing_.size() - named, " more") : "";
    return Missing(absl::StrCat("absent: ", absl::StrJoin(missing_.begin(), missing_.begin() + named, ", "), rest));
  }
  if (failures_ == 1) return Fail(failure_);
  if (failures_ > 1) return Fail(absl::StrCat(failure_, " (and ", failures_ - 1, " more)"));
  return Pass(held_, std::move(pass_reason));
}

bool IsLowerHex(std::string_view text, size_t digits) {
  if (text.size() != digits) return false;
  for (const char c : text) {
    if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) return false;
  }
  return true;
}

}  // namespace bitnet::verify
