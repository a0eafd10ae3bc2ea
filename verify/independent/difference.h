// Where a claim and its recomputation part.

#ifndef VERIFY_INDEPENDENT_DIFFERENCE_H_
#define VERIFY_INDEPENDENT_DIFFERENCE_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace bitnet::verify::independent {

struct Difference {
  int64_t position = -1;  // from 0; -1: of the commitment as a whole
  int64_t layer = -1;     // from 0; -1: not of a layer
  std::string field;      // "k", "keys and values", "largest logit", "/evidence/trace/session"
  std::string detail;     // what was found and what was expected

  // "position 41, layer 3, gate: output 17 is ..".
  std::string Text() const {
    std::string where = position < 0 ? "" : absl::StrCat("position ", position, ", ");
    if (layer >= 0) absl::StrAppend(&where, "layer ", layer, ", ");
    return absl::StrCat(where, field, ": ", detail);
  }
};

}  // namespace bitnet::verify::independent

#endif  // VERIFY_INDEPENDENT_DIFFERENCE_H_
