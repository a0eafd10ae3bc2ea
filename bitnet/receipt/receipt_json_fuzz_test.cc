// Any bytes: reading never crashes, and what was read without an issue is written back as what it was.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/log/check.h"
#include "bitnet/receipt/document.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_writer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const bitnet::ReceiptDocument document = bitnet::ReadReceiptDocument(text);
  CHECK(document.json.has_value() || !document.issues.empty());
  if (!document.json) return 0;

  const std::string canonical = bitnet::CanonicalJson(*document.json);
  const auto again = bitnet::ParseJsonText(canonical);
  CHECK_OK(again);
  CHECK(bitnet::CanonicalJson(*again) == canonical);
  CHECK(*bitnet::ParseJsonText(bitnet::WritePrettyJson(*document.json)) == *document.json);
  if (document.issues.empty()) {
    const auto reread = bitnet::ReadReceiptDocument(bitnet::WriteReceiptJson(document.receipt));
    CHECK(reread.issues.empty()) << reread.issues[0].path << ": " << reread.issues[0].message;
    CHECK(bitnet::EncodeReceipt(reread.receipt) == bitnet::EncodeReceipt(document.receipt));
  }
  return 0;
}
