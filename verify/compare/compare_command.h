// `verify compare`: receipts in, a verdict about speed out.

#ifndef VERIFY_COMPARE_COMPARE_COMMAND_H_
#define VERIFY_COMPARE_COMPARE_COMMAND_H_

namespace bitnet::verify {

// What main takes from the environment.
struct CompareSurroundings {
  bool strict = false;  // BITNET_STRICT_MODE=1
  bool color = false;
};

// argv[0] is "compare". Returns the exit code: 0 PASS, 1 FAIL, 2 usage, 3 INCONCLUSIVE or REFUSED.
int RunCompareCommand(int argc, char** argv, const CompareSurroundings& surroundings);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_COMPARE_COMMAND_H_
