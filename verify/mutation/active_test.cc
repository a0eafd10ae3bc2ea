// The switches themselves: off they change nothing, on they change one thing.

#include "verify/mutation/active.h"

#include <cstdint>
#include <string>

#include "gtest/gtest.h"

namespace mutation {
namespace {

// `expression` with no mutant, with id 7 and with id 8.
template <typename Expression>
void ExpectEach(Expression expression, auto none, auto seven, auto eight) {
  state.active = 0;
  EXPECT_EQ(expression(), none);
  state.active = 7;
  EXPECT_EQ(expression(), seven);
  state.active = 8;
  EXPECT_EQ(expression(), eight);
  state.active = 0;
}

TEST(ActiveTest, Relations) {
  const int a = 2, b = 2;
  ExpectEach([&] { return a<Lt{7}> b; }, false, true, true);
  ExpectEach([&] { return a<Le{7}> b; }, true, false, false);
  ExpectEach([&] { return a<Gt{7}> b; }, false, true, true);
  ExpectEach([&] { return a<Ge{7}> b; }, true, false, false);
  ExpectEach([&] { return a<Lt{7}> b + 1; }, true, true, false);
  ExpectEach([&] { return a<Gt{7}> b + 1; }, false, false, true);
  ExpectEach([&] { return a == Eq{7} == b; }, true, false, true);
  ExpectEach([&] { return a == Ne{7} == b; }, false, true, false);
  const std::string text = "x";
  ExpectEach([&] { return text == Eq{7} == "x"; }, true, false, true);
}

TEST(ActiveTest, Arithmetic) {
  const uint64_t a = 6, b = 4;
  ExpectEach([&] { return a + Add{7} + b * 2; }, 14, static_cast<uint64_t>(-2), 14);
  ExpectEach([&] { return a - Sub{7} - b; }, 2, 10, 2);
  ExpectEach([&] { return a * Mul{7} * b; }, 24, 1, 24);
  ExpectEach([&] { return a / Div{7} / b; }, 1, 24, 1);
  ExpectEach([&] { return a % Mod{7} % b; }, 2, 24, 2);
  const std::string x = "x";
  ExpectEach([&] { return x + Add{7} + "y"; }, "xy", "xy", "xy");
}

TEST(ActiveTest, Values) {
  ExpectEach([] { return Bool(7, 1 == 2); }, false, true, false);
  ExpectEach([] { return Bool(7, 1 == 1); }, true, true, false);
  ExpectEach([] { return Neutral(7, true, false); }, false, true, false);
  ExpectEach([] { return Neutral(7, false, true); }, true, false, true);
  ExpectEach([] { return Not(7, true); }, true, false, true);
  ExpectEach([] { return More(7, 5); }, 5, 6, 5);
  ExpectEach([] { return Near(7, uint8_t{5}); }, 5, 6, 4);
  ExpectEach([] { return Near(7, 100.0); }, 100.0, 101.0, 99.0);
  ExpectEach([] { return Near(7, 0.0); }, 0.0, 1.0, -1.0);
  ExpectEach([] { return Other(7, 'a', 'b'); }, 'a', 'b', 'a');
}

TEST(ActiveTest, ConstantsAreWhatTheyWere) {
  state.active = 7;
  constexpr int kValue = More(7, 5);
  constexpr bool kLess = 1 < Lt{7} > 1;
  state.active = 0;
  EXPECT_EQ(kValue, 5);
  EXPECT_FALSE(kLess);
}

}  // namespace
}  // namespace mutation
