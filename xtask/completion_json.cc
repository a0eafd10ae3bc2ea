#include "xtask/completion_json.h"

#include <algorithm>
#include <utility>

#include "bitnet/tokenizer/utf8.h"

namespace bitnet::xtask {

std::string ReadableText(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const size_t length = Utf8CharLength(bytes);
    if (length > 0) {
      text.append(bytes.substr(0, length));
    } else {
      AppendUtf8(0xfffd, &text);
    }
    bytes.remove_prefix(std::max<size_t>(length, 1));
  }
  return text;
}

JsonValue IdsJson(std::span<const TokenId> ids) {
  JsonValue::Array array;
  for (TokenId id : ids) array.push_back(JsonValue::Int(id));
  return JsonValue::MakeArray(std::move(array));
}

}  // namespace bitnet::xtask
