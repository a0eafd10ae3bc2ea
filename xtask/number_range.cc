#include "xtask/number_range.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace bitnet::xtask {

CLI::Validator NumberRange(double least, double most) {
  const std::string range = absl::StrCat("[", least, " - ", most, "]");
  return CLI::Validator(
      [least, most, range](std::string& input) -> std::string {
        double value = 0;
        if (CLI::detail::lexical_cast(input, value) && value >= least && value <= most) return "";
        return absl::StrCat("expected a number in ", range, ", got ", input);
      },
      absl::StrCat("FLOAT in ", range));
}

}  // namespace bitnet::xtask
