#include "bitnet/quant/tl2.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "bitnet/base/sha256.h"
#include "bitnet/quant/tl_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;

// Made once by running the packing functions of the converter script of Microsoft's BitNet, unchanged, under numpy
// 1.24 on the matrix of HashedTrits, with a kernel_config.ini of one section.
constexpr TlGolden kGolden[] = {
    {{64, 288, 32, 96, 32}, 4522, "4d5688cba441a4f510045f5663a674c07c9fd3c0586603ab76825c6070fb4823"},
    {{64, 320, 64, 96, 32}, 4949, "871e663df65c4137e4c54ab9c871be1c51edb86943ab284791c1aadcbadb979e"},
    {{96, 264, 96, 264, 32}, 6304, "b7a5157bbee04cb2a6cb5c991e41437b3ffd90a392e9784b014d325a841c097c"},
    {{32, 544, 32, 288, 32}, 3968, "3510eb1220cdbc37abc05691fde7cfd5f56c7670615d65d23e8b0642c26f6c67"},
    {{512, 512, 256, 96, 32}, 60074, "ac693693c2ef9fb60dd78acfb1427b31ea9e23df8b29008e3465f8bb35aa679e"},
    {{2560, 2560, 320, 192, 32}, 1392640, "3d65955f5bd6b085e50cd08e119d7913a3938b2d833a6165e175f5539d624c90"},
    {{640, 2560, 160, 96, 32}, 348160, "c1d97aeefb040645db995bb651903fa675ae95763e367fc720ea32114fae969f"},
    {{640, 2560, 320, 288, 32}, 348160, "9581053bce9a59a236716e06df100b5f697817723d1569e6eb1b5420271afafd"},
    {{6912, 2560, 256, 96, 32}, 3760128, "aff7a900efdb82f7fcd7ea96cc57f7ea4d7f2e57c9e2d3c84f408797f035ab39"},
    {{2560, 6912, 320, 96, 32}, 3713706, "c2f9ffc67e867f7729f15bee87601c7c13f05a411e6eb6808244bd1c6d80edf2"},
};

std::vector<uint8_t> Pack(const std::vector<int8_t>& trits, const TlTiling& t, IsaSet isa = {Isa::kScalar}) {
  std::vector<uint8_t> data(Tl2Size(t.rows, t.cols), 0xee);
  const absl::Status status = PackTl2(trits, t.rows, t.cols, 0.75f, TlParams(t, isa), data);
  EXPECT_TRUE(status.ok()) << status;
  return data;
}

absl::StatusOr<float> Unpack(const std::vector<uint8_t>& data, const TlTiling& t, std::vector<int8_t>& trits,
                             IsaSet isa = {Isa::kScalar}) {
  trits.assign(static_cast<size_t>(t.rows * t.cols), 99);
  return UnpackTl2(data, t.rows, t.cols, TlParams(t, isa), "blk.0.attn_q.weight", trits);
}

int64_t TripleCols(const TlTiling& t) { return t.cols / t.bk * t.bk; }

// 32 rows in the order of a piece's bytes.
std::vector<int64_t> PieceRows() {
  std::vector<int64_t> rows;
  for (const int64_t first : {0, 16, 8, 24}) {
    for (int64_t i = 0; i < 8; ++i) rows.push_back(first + i);
  }
  return rows;
}

// Calls visit(row, col) for the first row and column of each piece of 32 rows x `cols`, in the order of a file, of
// tiles of bm x tile_cols that fill columns [first, last).
template <typename Visit>
void ForEachPiece(const TlTiling& t, int64_t first, int64_t last, int64_t tile_cols, int64_t cols, Visit visit) {
  for (int64_t m = 0; m < t.rows; m += t.bm) {
    for (int64_t k = first; k < last; k += tile_cols) {
      for (int64_t row = m; row < m + t.bm; row += 32) {
        for (int64_t col = k; col < k + tile_cols; col += cols) visit(row, col);
      }
    }
  }
}

// The bytes in the order in which they stand in a file, without zeros and tail.
std::vector<uint8_t> InOrder(const std::vector<int8_t>& trits, const TlTiling& t) {
  std::vector<uint8_t> bytes;
  const auto at = [&](int64_t row, int64_t col) { return &trits[row * t.cols + col]; };
  const auto triple = [&](int64_t row, int64_t col) {
    const int8_t* w = at(row, col);
    return 9 * w[0] + 3 * w[1] + w[2];
  };
  ForEachPiece(t, 0, TripleCols(t), t.bk, 6, [&](int64_t row, int64_t col) {
    for (const int64_t r : PieceRows()) {
      bytes.push_back(static_cast<uint8_t>(std::abs(triple(row + r, col)) * 16 + std::abs(triple(row + r, col + 3))));
    }
  });
  ForEachPiece(t, 0, TripleCols(t), t.bk, 24, [&](int64_t row, int64_t col) {
    for (int64_t r = 0; r < 16; ++r) {
      unsigned word = 0;
      for (int64_t c = 0; c < 24; c += 3) {
        word = word << 2 | (triple(row + r, col + c) < 0) << 1 | (triple(row + r + 16, col + c) < 0);
      }
      bytes.push_back(static_cast<uint8_t>(word));
      bytes.push_back(static_cast<uint8_t>(word >> 8));
    }
  });
  ForEachPiece(t, TripleCols(t), t.cols, 32, 4, [&](int64_t row, int64_t col) {
    for (const int64_t r : PieceRows()) {
      const int8_t* w = at(row + r, col);
      bytes.push_back(static_cast<uint8_t>((3 * w[0] + w[1] + 4) * 16 + 3 * w[2] + w[3] + 4));
    }
  });
  return bytes;
}

TEST(Tl2Test, BytesOfTheConverter) {
  for (const TlGolden& golden : kGolden) {
    const TlTiling& t = golden.tiling;
    const std::vector<int8_t> trits = HashedTrits(t.rows * t.cols);
    for (const IsaSet isa : TlIsas()) {
      const std::vector<uint8_t> data = Pack(trits, t, isa);
      ASSERT_EQ(data.size(), (golden.bytes + 31) / 32 * 32 + 32);
      EXPECT_EQ(ToHex(Sha256Of(std::span(data).first(golden.bytes))), golden.sha256) << TilingText(t);
      std::vector<int8_t> again;
      ASSERT_EQ(*Unpack(data, t, again, isa), 0.75f);
      EXPECT_EQ(again, trits) << TilingText(t);
    }
  }
}

TEST(Tl2Test, RoundTripsInEveryTiling) {
  uint32_t seed = 1;
  for (const int64_t rows : {32, 96, 128}) {
    for (const int64_t cols : {256, 264, 288, 296, 320, 504, 576}) {
      const std::vector<int8_t> trits = HashedTrits(rows * cols, seed += 1'000'000);
      for (int32_t bm = 32; bm <= rows; bm += 32) {
        for (int32_t bk = 24; bk <= cols; bk += 24) {
          const TlTiling t{rows, cols, bm, bk, 32};
          if (!CheckTl2Tiling(t).ok()) continue;
          std::vector<uint8_t> expected = InOrder(trits, t);
          expected.resize(Tl2Size(rows, cols));
          const float scale = 0.75f;
          std::memcpy(&expected[expected.size() - 32], &scale, 4);
          for (const IsaSet isa : TlIsas()) {
            ASSERT_EQ(Pack(trits, t, isa), expected) << TilingText(t);
            std::vector<int8_t> again;
            ASSERT_TRUE(Unpack(expected, t, again, isa).ok()) << TilingText(t);
            ASSERT_EQ(again, trits) << TilingText(t);
          }
        }
      }
    }
  }
}

// Two triples are a byte and two bits: all 729 of them, in every place.
TEST(Tl2Test, EverySixTritsInEveryPlace) {
  const TlTiling t{32, 264, 32, 264, 32};
  for (const IsaSet isa : TlIsas()) {
    for (int number = 0; number < 729; ++number) {
      std::vector<int8_t> trits(static_cast<size_t>(t.rows * t.cols));
      for (size_t i = 0; i < trits.size(); i += 6) {
        int rest = (number + static_cast<int>(i / 6)) % 729;
        for (int j = 5; j >= 0; --j, rest /= 3) trits[i + j] = static_cast<int8_t>(rest % 3 - 1);
      }
      const std::vector<uint8_t> data = Pack(trits, t, isa);
      const std::vector<uint8_t> expected = InOrder(trits, t);
      ASSERT_TRUE(std::equal(expected.begin(), expected.end(), data.begin()));
      std::vector<int8_t> again;
      ASSERT_TRUE(Unpack(data, t, again, isa).ok());
      ASSERT_EQ(again, trits);
    }
  }
}

// Whether bytes are what some trits give, by trying: the reader accepts these and no others.
TEST(Tl2Test, EveryByteOfAUnitAndOfPairs) {
  const TlTiling t{32, 296, 32, 264, 32};
  const std::vector<uint8_t> packed = Pack(HashedTrits(t.rows * t.cols), t);
  const size_t signs = 32 * 264 / 6;
  const size_t pairs = signs + 32 * 264 / 24;
  std::vector<size_t> places;
  for (const size_t first : {size_t{0}, signs - 128}) {
    for (size_t i = 0; i < 128; i += 11) places.push_back(first + i);
  }
  for (size_t i = 0; i < 32; i += 3) places.push_back(signs + i);
  for (size_t i = 0; i < 256; i += 17) places.push_back(pairs + i);
  int accepted = 0;
  for (const size_t at : places) {
    for (int value = 0; value < 256; ++value) {
      std::vector<uint8_t> data = packed;
      data[at] = static_cast<uint8_t>(value);
      std::vector<int8_t> first;
      const absl::StatusOr<float> expected = Unpack(data, t, first);
      if (at >= pairs || (at < signs && (value / 16 > 13 || value % 16 > 13))) {
        const int largest = at >= pairs ? 8 : 13;
        ASSERT_EQ(expected.ok(), value / 16 <= largest && value % 16 <= largest) << value << " at " << at;
      }
      if (expected.ok()) {
        ASSERT_EQ(Pack(first, t), data) << value << " at " << at;
        ++accepted;
      }
      for (const IsaSet isa : TlIsas()) {
        std::vector<int8_t> trits;
        ASSERT_EQ(Unpack(data, t, trits, isa).status(), expected.status());
        if (expected.ok()) {
          ASSERT_EQ(trits, first);
        }
      }
    }
  }
  EXPECT_GT(accepted, 1000);
}

TEST(Tl2Test, NamesTheFirstIllegalCode) {
  const TlTiling t{64, 320, 32, 96, 32};
  const size_t tile = 32 * 96 / 6;
  const size_t signs = 64 * 288 / 6;
  const size_t sign_tile = 32 * 96 / 24;
  const size_t pairs = signs + 64 * 288 / 24;
  struct Case {
    size_t at;
    uint8_t value;
    const char* message;
  };
  // Tile (1, 2) has rows 32-63, columns 192-287; byte 8 of a piece is row 16, byte 16 row 8.
  for (const Case& c :
       {Case{5 * tile + 3 * 32 + 8, 0xe0, "row 48, columns 210 to 212: expected a magnitude of 0 to 13, got 14"},
        Case{5 * tile + 3 * 32 + 16, 0x0f, "row 40, columns 213 to 215: expected a magnitude of 0 to 13, got 15"},
        Case{signs + 5 * sign_tile + 32 + 6, 0x20,
             "row 35, columns 231 to 233: expected no sign with magnitude 0, got one"},
        Case{signs + 5 * sign_tile + 32 + 7, 0x40,
             "row 51, columns 216 to 218: expected no sign with magnitude 0, got one"},
        Case{pairs + 256 + 2 * 32 + 31, 0x94, "row 63, columns 296 to 297: expected 0 to 8, got 9"},
        Case{pairs + 256 + 2 * 32 + 0, 0x4c, "row 32, columns 298 to 299: expected 0 to 8, got 12"}}) {
    for (const IsaSet isa : TlIsas()) {
      std::vector<uint8_t> data = Pack(std::vector<int8_t>(64 * 320, 0), t, isa);
      data[c.at] = c.value;
      std::vector<int8_t> trits;
      const absl::Status status = Unpack(data, t, trits, isa).status();
      EXPECT_TRUE(absl::IsInvalidArgument(status));
      EXPECT_THAT(status.message(), HasSubstr(std::string("tensor \"blk.0.attn_q.weight\": TL2 code of ") + c.message));
    }
  }
}

TEST(Tl2Test, NoticesCodesWhereZerosBelong) {
  const TlTiling t{32, 320, 32, 96, 32};  // 1920 bytes of codes, 2474 by the formula, 2496 rounded up
  ASSERT_EQ(Tl2Size(32, 320), 2496u + 32);
  std::vector<uint8_t> data = Pack(HashedTrits(32 * 320), t);
  std::vector<int8_t> trits;
  data[2474] = 1;         // neither the converter's nor ours
  data[2496 + 5] = 0xee;  // old tails hold garbage
  EXPECT_TRUE(Unpack(data, t, trits).ok());
  const size_t end = 32 * 288 * 5 / 24 + 32 * 32 / 4;
  data[end + 40] = 7;
  EXPECT_THAT(Unpack(data, t, trits).status().message(),
              HasSubstr("byte 2216: TL2: expected zeros from byte 2176 to 2474, got 7"));
}

TEST(Tl2Test, ScaleKeepsItsBits) {
  const TlTiling t{32, 264, 32, 24, 32};
  std::vector<uint8_t> data(Tl2Size(32, 264));
  const std::vector<int8_t> zeros(32 * 264);
  std::vector<int8_t> trits;
  for (const float scale :
       {0.0f, 1.2345f, std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::max()}) {
    ASSERT_TRUE(PackTl2(zeros, 32, 264, scale, TlParams(t), data).ok());
    EXPECT_EQ(*Unpack(data, t, trits), scale);
  }
  for (const float scale : {-1.0f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    EXPECT_THAT(PackTl2(zeros, 32, 264, scale, TlParams(t), data).message(), HasSubstr("TL2 scale: expected"));
    std::memcpy(&data[data.size() - 32], &scale, 4);
    EXPECT_THAT(Unpack(data, t, trits).status().message(), HasSubstr("TL2 scale: expected a finite number >= 0"));
  }
}

TEST(Tl2Test, RefusesOtherSizes) {
  const TlTiling t{32, 264, 32, 24, 32};
  std::vector<int8_t> trits;
  for (const size_t size : {0, 1, 32, 2112, 2143, 2145, 4288}) {
    EXPECT_THAT(Unpack(std::vector<uint8_t>(size), t, trits).status().message(), HasSubstr("TL2 of 32x264: expected "));
  }
}

TEST(Tl2Test, NeedsItsTiling) {
  const CodecParams none;
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckTl2Shape(512, 512, none)));
  for (const auto& [rows, cols] : {std::pair<int64_t, int64_t>{48, 512}, {512, 248}, {512, 516}}) {
    const absl::Status never = CheckTl2Shape(rows, cols, none);
    EXPECT_TRUE(absl::IsInvalidArgument(never));
    EXPECT_THAT(never.message(), HasSubstr("TL2 cannot store a matrix of "));
  }
  const TlTiling t{64, 320, 32, 96, 32};
  EXPECT_THAT(CheckTl2Shape(32, 320, TlParams(t)).message(),
              HasSubstr("32x320 matrix: expected a tiling of this shape"));
  EXPECT_TRUE(CheckTl2Shape(64, 320, TlParams(t)).ok());
  std::vector<int8_t> trits(64 * 320);
  const absl::Status status = UnpackTl2(std::vector<uint8_t>(Tl2Size(64, 320)), 64, 320, none, "x", trits).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  for (const int64_t side : {int64_t{0}, int64_t{-32}, int64_t{1} << 31, std::numeric_limits<int64_t>::max()}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CheckTl2Shape(side, 512, none)));
    EXPECT_TRUE(absl::IsInvalidArgument(CheckTl2Shape(512, side, none)));
    const TlTiling hostile{side, side, 32, 96, 32};
    EXPECT_TRUE(absl::IsInvalidArgument(CheckTl2Shape(side, side, TlParams(hostile))));
  }
}

TEST(Tl2DeathTest, RefusesWhatIsNoTrit) {
  const TlTiling t{32, 296, 32, 264, 32};
  std::vector<uint8_t> data(Tl2Size(32, 296));
  for (const IsaSet isa : TlIsas()) {
    for (const size_t place : {77, 290}) {
      std::vector<int8_t> trits(32 * 296);
      trits[place] = 2;
      EXPECT_DEATH((void)PackTl2(trits, 32, 296, 1, TlParams(t, isa), data), "outside");
    }
  }
}

}  // namespace
}  // namespace bitnet
