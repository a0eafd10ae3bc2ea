#include "bitnet/model/rope_rows.h"

#include <cstdint>
#include <numeric>
#include <vector>

#include "gtest/gtest.h"

namespace bitnet {
namespace {

TEST(RopeRowsTest, EvenRowsThenOddRowsOfEachHead) {
  // Two heads of 4 rows of 3 bytes; row r holds 10 r, 10 r + 1, 10 r + 2.
  std::vector<uint8_t> in, out(24);
  for (int row = 0; row < 8; ++row) {
    for (int byte = 0; byte < 3; ++byte) in.push_back(static_cast<uint8_t>(10 * row + byte));
  }
  RopeRowsToHalfSplit(in, 8, 4, out);
  EXPECT_EQ(out, (std::vector<uint8_t>{0,  1,  2,  20, 21, 22, 10, 11, 12, 30, 31, 32,     // head 0: rows 0, 2, 1, 3
                                       40, 41, 42, 60, 61, 62, 50, 51, 52, 70, 71, 72}));  // head 1: rows 4, 6, 5, 7
}

// What converters do to a half-split matrix for interleaved rope, spelled as they do: a head's rows as [2][half],
// transposed to [half][2]. The way back must be exact.
TEST(RopeRowsTest, UndoesThePermutationOfConverters) {
  for (const int head_dim : {2, 32, 64, 128, 256}) {
    for (const int heads : {1, 3, 8}) {
      const int rows = heads * head_dim, half = head_dim / 2;
      std::vector<uint16_t> original(static_cast<size_t>(rows)), permuted(original.size()), back(original.size());
      std::iota(original.begin(), original.end(), uint16_t{0});
      for (int head = 0; head < heads; ++head) {
        for (int side = 0; side < 2; ++side) {
          for (int i = 0; i < half; ++i) {
            permuted[static_cast<size_t>(head * head_dim + i * 2 + side)] =
                original[static_cast<size_t>(head * head_dim + side * half + i)];
          }
        }
      }
      const auto bytes = [](std::vector<uint16_t>& v) {
        return std::span(reinterpret_cast<uint8_t*>(v.data()), 2 * v.size());
      };
      RopeRowsToHalfSplit(bytes(permuted), rows, head_dim, bytes(back));
      EXPECT_EQ(back, original) << heads << " heads of " << head_dim;
    }
  }
}

TEST(RopeRowsDeathTest, HeadsMustBeWhole) {
  std::vector<uint8_t> in(12), out(12);
  EXPECT_DEATH(RopeRowsToHalfSplit(in, 6, 4, out), "6 rows in heads of 4");
  EXPECT_DEATH(RopeRowsToHalfSplit(in, 6, 3, out), "6 rows in heads of 3");
}

}  // namespace
}  // namespace bitnet
