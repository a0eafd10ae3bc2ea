// The fixtures of testdata/receipts as tests see them: the text, and what it is audited with.

#ifndef VERIFY_TESTING_FIXTURES_H_
#define VERIFY_TESTING_FIXTURES_H_

#include <string>
#include <vector>

#include "verify/testing/fixture_context.h"

namespace bitnet::verify {

struct Fixture {
  std::string name;  // without ".json"
  std::string text;
  FixtureContext context;
};

// Every pass_*.json and fail_*.json with the context of its row in edits_*.txt, in the order of names. CHECKs that the
// tables can be read.
std::vector<Fixture> ReadFixtures();

// Every edits_*.txt by name.
std::vector<std::string> ReadEditTables();

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_FIXTURES_H_
