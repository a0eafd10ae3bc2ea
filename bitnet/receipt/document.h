// ReceiptDocument: a receipt's text, read once: JSON tree, typed message, and everything that did not fit.

#ifndef BITNET_RECEIPT_DOCUMENT_H_
#define BITNET_RECEIPT_DOCUMENT_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "bitnet/receipt/json_issue.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/receipt.pb.h"

namespace bitnet {

struct ReceiptDocument {
  std::optional<JsonValue> json;  // empty when the text is not JSON
  receipt::Receipt receipt;       // members that are absent or of the wrong type stay unset
  JsonIssues issues;
  JsonCensus census;
  uint64_t typed_members = 0;  // members that became fields of `receipt`

  bool HasIssue(JsonIssueKind kind) const;
};

// Never fails: what is wrong with `text` is in `issues`.
ReceiptDocument ReadReceiptDocument(std::string_view text);

// Fills `receipt` from `json`, member by member as the schema says, and appends a kType or kUnknown issue for every
// member that does not fit. Returns the number of members that did.
uint64_t DecodeReceipt(const JsonValue& json, receipt::Receipt& receipt, JsonIssues& issues);

}  // namespace bitnet

#endif  // BITNET_RECEIPT_DOCUMENT_H_
