// Writing receipts as JSON: deterministic, so that equal receipts are equal bytes.

#ifndef BITNET_RECEIPT_JSON_WRITER_H_
#define BITNET_RECEIPT_JSON_WRITER_H_

#include <string>

#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/receipt.pb.h"

namespace bitnet {

// The JSON tree of a receipt: fields in schema order, absent fields absent, maps sorted by key, integers as integers.
// Empty repeated fields are written as [] (schema 1.0.0 wants `corrections: []`).
JsonValue EncodeReceipt(const receipt::Receipt& receipt);

// Indented by two spaces, doubles in their shortest form that reads back to the same bits, a newline at the end.
std::string WritePrettyJson(const JsonValue& value);

// Members sorted by name (bytes), no whitespace: the form that digests are taken of (RFC 8785 for what we write).
std::string CanonicalJson(const JsonValue& value);

// WritePrettyJson(EncodeReceipt(receipt)).
std::string WriteReceiptJson(const receipt::Receipt& receipt);

}  // namespace bitnet

#endif  // BITNET_RECEIPT_JSON_WRITER_H_
