#include "bitnet/hf/hf_json.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace bitnet {

absl::StatusOr<std::vector<uint64_t>> ReadTokenIds(const JsonObject& object, std::string_view key) {
  std::vector<uint64_t> ids;
  const std::optional<simdjson::dom::element> element = object.Find(key);
  if (!element.has_value()) return ids;
  int64_t number = 0;
  if (element->get(number) == simdjson::SUCCESS && number == -1) return ids;
  simdjson::dom::array list;
  uint64_t id = 0;
  if (element->get(list) == simdjson::SUCCESS) {
    if (list.size() > kMaxTokenIds) {
      return absl::InvalidArgumentError(absl::StrCat(object.Name(key), ": expected a list of at most ", kMaxTokenIds,
                                                     " token ids, got ", list.size()));
    }
    for (const simdjson::dom::element item : list) {
      if (item.get(id) != simdjson::SUCCESS) {
        return absl::InvalidArgumentError(
            absl::StrCat(object.Name(key), ": expected a list of token ids, got in it ", DescribeJson(item)));
      }
      ids.push_back(id);
    }
    return ids;
  }
  if (element->get(id) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(
        absl::StrCat(object.Name(key), ": expected a token id or a list of them, got ", DescribeJson(*element)));
  }
  ids.push_back(id);
  return ids;
}

}  // namespace bitnet
