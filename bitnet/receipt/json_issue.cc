#include "bitnet/receipt/json_issue.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "bitnet/receipt/json_value.h"

namespace bitnet {

std::string JsonPath::Print() const {
  std::string path;
  for (const auto& step : steps_) {
    if (const size_t* index = std::get_if<size_t>(&step)) {
      path = ChildPath(path, *index);
    } else {
      path = ChildPath(path, std::get<std::string_view>(step).substr(0, kMaxBytes));
    }
    if (path.size() > kMaxBytes ||
        (std::holds_alternative<std::string_view>(step) && std::get<std::string_view>(step).size() > kMaxBytes)) {
      path.resize(std::min(path.size(), kMaxBytes));
      return absl::StrCat(path, "...");
    }
  }
  return path;
}

}  // namespace bitnet
