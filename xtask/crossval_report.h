// The answer of xtask crossval, as a table and as JSON.

#ifndef XTASK_CROSSVAL_REPORT_H_
#define XTASK_CROSSVAL_REPORT_H_

#include <string>

#include "bitnet/eval/crossval.h"
#include "bitnet/receipt/json_value.h"

namespace bitnet::xtask {

// One line for each value, and with `per_position` one for each of its rows; last the verdict.
std::string CrossvalTable(const CrossvalReport& report, const Tolerances& tolerances, bool per_position);

// Every figure of every row. An infinite relative difference is the string "infinite".
JsonValue CrossvalJson(const CrossvalReport& report, const Tolerances& tolerances);

}  // namespace bitnet::xtask

#endif  // XTASK_CROSSVAL_REPORT_H_
