#include "verify/rule.h"

namespace bitnet::verify {

std::string_view CheckStatusName(CheckStatus status) {
  static constexpr std::string_view kNames[] = {"PASS",         "FAIL",         "NA",   "MISSING",
                                                "INCONCLUSIVE", "NOT_MEASURED", "ERROR"};
  return kNames[static_cast<int>(status)];
}

}  // namespace bitnet::verify
