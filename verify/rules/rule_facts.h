// RuleFacts: how an L1 rule reads a receipt and keeps account of what it compared.
//
// A rule asks for members by JSON pointer and states what must hold. The account decides the result: a member that is
// not there makes it MISSING, whatever else was found; else the first thing that did not hold makes it FAIL; else the
// number of things that held is the evidence.

#ifndef VERIFY_RULES_RULE_FACTS_H_
#define VERIFY_RULES_RULE_FACTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "bitnet/receipt/json_value.h"
#include "verify/audit_input.h"
#include "verify/rule.h"

namespace bitnet::verify {

// Lives inside one check. Keeps views into the input.
class RuleFacts {
 public:
  explicit RuleFacts(const AuditInput& input) : json_(input.document.json ? &*input.document.json : nullptr) {}

  // The member at `path`; a zero value when it is absent, of another kind or (integers) above 2^53-1, which makes the
  // result MISSING.
  uint64_t Uint(std::string_view path);
  double Number(std::string_view path);
  bool Bool(std::string_view path);
  std::string_view Text(std::string_view path);
  std::vector<std::string_view> Texts(std::string_view path);  // an array of strings
  size_t Size(std::string_view path);                          // elements of an array

  // Whether there is a member at `path`; asking is not reading.
  bool Has(std::string_view path) const;

  // One comparison. `reason` is called for the first that fails: what was found where, and what was expected.
  void Expect(bool holds, absl::FunctionRef<std::string()> reason);
  // Shorthands that say "<path> is <got>; expected <expected>".
  void ExpectEqual(std::string_view path, uint64_t got, uint64_t expected, std::string_view why);
  void ExpectEqual(std::string_view path, std::string_view got, std::string_view expected);
  void ExpectAtMost(std::string_view path, uint64_t got, uint64_t limit, std::string_view what);
  void ExpectPositive(std::string_view path, uint64_t got);
  // 64 lower-case hexadecimal digits, read from `path` and returned; of something: neither all zero nor the SHA-256 of
  // nothing, which are what a digest looks like that nobody computed.
  std::string_view ExpectDigest(std::string_view path);

  // Nothing is missing and everything held so far: what was read may be computed with.
  bool ok() const { return missing_.empty() && failure_.empty(); }

  CheckResult Result(std::string pass_reason) const;

 private:
  const JsonValue* Find(std::string_view path);

  const JsonValue* json_;
  std::vector<std::string> missing_;
  std::string failure_;
  uint64_t failures_ = 0;
  uint64_t held_ = 0;
};

// Whether `text` is `digits` lower-case hexadecimal digits.
bool IsLowerHex(std::string_view text, size_t digits);

}  // namespace bitnet::verify

#endif  // VERIFY_RULES_RULE_FACTS_H_
