// The accepted receipts of testdata/receipts, by name.

#ifndef VERIFY_TESTING_PASS_FIXTURES_H_
#define VERIFY_TESTING_PASS_FIXTURES_H_

#include <string>
#include <vector>

#include "verify/testing/honest_receipt.h"

namespace bitnet::verify {

struct PassFixture {
  std::string name;  // "pass_honest"
  HonestRun run;
};

std::vector<PassFixture> PassFixtures();

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_PASS_FIXTURES_H_
