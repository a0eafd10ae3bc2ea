#include "bitnet/commitment/session_digest.h"

#include <string>
#include <utility>

#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"

namespace bitnet {

Digest SessionDigest(const receipt::Receipt& receipt) {
  const JsonValue tree = EncodeReceipt(receipt);
  JsonValue::Object session;
  for (const std::string_view path : kSessionMembers) {
    if (const JsonValue* value = tree.AtPath(path); value != nullptr) session.push_back({std::string(path), *value});
  }
  return Sha256()
      .Update(std::string_view("bnr1/session\0", 13))
      .Update(CanonicalJson(JsonValue::MakeObject(std::move(session))))
      .Finish();
}

}  // namespace bitnet
