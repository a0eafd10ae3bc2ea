// A check of flags that are real numbers.

#ifndef XTASK_NUMBER_RANGE_H_
#define XTASK_NUMBER_RANGE_H_

#include "CLI/CLI.hpp"

namespace bitnet::xtask {

// A number from `least` to `most`. CLI::Range lets "nan" pass, which is neither below nor above.
CLI::Validator NumberRange(double least, double most);

}  // namespace bitnet::xtask

#endif  // XTASK_NUMBER_RANGE_H_
