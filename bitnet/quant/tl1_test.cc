#include "bitnet/quant/tl1.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
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
    {{64, 64, 32, 32, 32}, 1024, "45375939aeeded0bc084b1f30120ddedb23f77c4c059d6e4facd65e7f1aac971"},
    {{64, 64, 64, 64, 64}, 1024, "b578de83a3efde5989debe2b1eafc77f3fd9f41e07d84aba767e76c5954ae8ee"},
    {{64, 48, 64, 12, 64}, 768, "e5ea223ac1a07aff07962b6064ac8b55182b07cedac0aedd9cc5d0500eeeb0c6"},
    {{96, 72, 96, 24, 32}, 1728, "0560686ecc680bcb8f195a6ee4fcd3f03fba4039169971a51508572989e32a8e"},
    {{512, 512, 256, 128, 32}, 65536, "362b1fde60f9568bcf6ca255024ce9272f408758d861514ae8d6a1691c0a87aa"},
    {{2560, 2560, 160, 64, 32}, 1638400, "26bbc0c19118e9c6024ad1e21f4e961acb4c845a3459cc5cf9e67f9e64515611"},
    {{640, 2560, 160, 64, 32}, 409600, "1db2cd2522b9124281a913f65239adba3bec109c65b9cdec5ba3cff73119c50a"},
    {{640, 2560, 320, 128, 64}, 409600, "b11693a12a4f1b2b11baa475715848d057e9bcc0ca1de9255dbc1a8d00e581ff"},
    {{6912, 2560, 128, 64, 64}, 4423680, "6dffa7c7674a216f6d3c8dd190617826ce9571b787eda955161e435ee38b08f7"},
    {{2560, 6912, 320, 128, 64}, 4423680, "450708526989be42c046b07480260f59d41c0c2fd89f4d6030da861f8b06bc96"},
};

std::vector<uint8_t> Pack(const std::vector<int8_t>& trits, const TlTiling& t, IsaSet isa = {Isa::kScalar}) {
  std::vector<uint8_t> data(Tl1Size(t.rows, t.cols), 0xee);
  const absl::Status status = PackTl1(trits, t.rows, t.cols, 0.75f, TlParams(t, isa), data);
  EXPECT_TRUE(status.ok()) << status;
  return data;
}

absl::StatusOr<float> Unpack(const std::vector<uint8_t>& data, const TlTiling& t, std::vector<int8_t>& trits,
                             IsaSet isa = {Isa::kScalar}) {
  trits.assign(static_cast<size_t>(t.rows * t.cols), 99);
  return UnpackTl1(data, t.rows, t.cols, TlParams(t, isa), "blk.0.attn_q.weight", trits);
}

// The bytes in the order in which they stand in a file.
std::vector<uint8_t> InOrder(const std::vector<int8_t>& trits, const TlTiling& t) {
  std::vector<uint8_t> bytes;
  const int64_t block_cols = 256 / t.bmm;
  for (int64_t m = 0; m < t.rows; m += t.bm) {
    for (int64_t k = 0; k < t.cols; k += t.bk) {
      for (int64_t band = 0; band < t.bm; band += t.bmm) {
        for (int64_t block = 0; block < t.bk; block += block_cols) {
          for (int64_t group = 0; group < t.bmm; group += 16) {
            for (int64_t cell = 0; cell < block_cols; cell += 4) {
              for (int64_t row = 0; row < 16; ++row) {
                const int8_t* w = &trits[(m + band + group + row) * t.cols + k + block + cell];
                bytes.push_back(static_cast<uint8_t>((3 * w[0] + w[1] + 4) * 16 + 3 * w[2] + w[3] + 4));
              }
            }
          }
        }
      }
    }
  }
  return bytes;
}

TEST(Tl1Test, BytesOfTheConverter) {
  for (const TlGolden& golden : kGolden) {
    const TlTiling& t = golden.tiling;
    const std::vector<int8_t> trits = HashedTrits(t.rows * t.cols);
    for (const IsaSet isa : TlIsas()) {
      const std::vector<uint8_t> data = Pack(trits, t, isa);
      ASSERT_EQ(data.size(), golden.bytes + 32);
      EXPECT_EQ(ToHex(Sha256Of(std::span(data).first(golden.bytes))), golden.sha256) << TilingText(t);
      std::vector<int8_t> again;
      ASSERT_EQ(*Unpack(data, t, again, isa), 0.75f);
      EXPECT_EQ(again, trits) << TilingText(t);
    }
  }
}

TEST(Tl1Test, RoundTripsInEveryTiling) {
  uint32_t seed = 1;
  for (const int64_t rows : {32, 64, 96, 192, 320}) {
    for (const int64_t cols : {4, 8, 12, 24, 40, 64, 72, 136, 192}) {
      const std::vector<int8_t> trits = HashedTrits(rows * cols, seed += 1'000'000);
      for (const int32_t bmm : {32, 64}) {
        for (int32_t bm = bmm; bm <= rows; bm += bmm) {
          for (int32_t bk = 4; bk <= cols; bk += 4) {
            const TlTiling t{rows, cols, bm, bk, bmm};
            if (!CheckTl1Tiling(t).ok()) continue;
            std::vector<uint8_t> expected = InOrder(trits, t);
            const float scale = 0.75f;
            expected.resize(expected.size() + 32);
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
}

// One byte is four columns of one row: all 81 of them, in every place of the widest block and in a narrow rest.
TEST(Tl1Test, EveryFourTritsInEveryPlace) {
  for (const TlTiling t : {TlTiling{32, 72, 32, 72, 32}, TlTiling{64, 68, 64, 68, 64}}) {
    for (const IsaSet isa : TlIsas()) {
      for (int number = 0; number < 81; ++number) {
        std::vector<int8_t> trits(static_cast<size_t>(t.rows * t.cols));
        for (size_t i = 0; i < trits.size(); i += 4) {
          int rest = (number + static_cast<int>(i / 4)) % 81;
          for (int j = 3; j >= 0; --j, rest /= 3) trits[i + j] = static_cast<int8_t>(rest % 3 - 1);
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
}

TEST(Tl1Test, EveryByte) {
  const TlTiling t{32, 72, 32, 72, 32};
  const std::vector<int8_t> trits = HashedTrits(t.rows * t.cols);
  const std::vector<uint8_t> packed = Pack(trits, t);
  for (size_t at = 0; at < packed.size() - 32; at += 7) {  // comes by every byte of a cell
    for (int value = 0; value < 256; ++value) {
      std::vector<uint8_t> data = packed;
      data[at] = static_cast<uint8_t>(value);
      const bool legal = value / 16 <= 8 && value % 16 <= 8;
      std::string message;
      for (const IsaSet isa : TlIsas()) {
        std::vector<int8_t> again;
        const absl::Status status = Unpack(data, t, again, isa).status();
        ASSERT_EQ(status.ok(), legal) << value << " at " << at;
        if (!legal) {
          ASSERT_TRUE(message.empty() || message == status.message());
          message = std::string(status.message());
          continue;
        }
        if (isa == TlIsas().back()) {
          ASSERT_EQ(Pack(again, t), data);
        }
      }
    }
  }
}

TEST(Tl1Test, NamesTheFirstIllegalCode) {
  const TlTiling t{64, 64, 32, 32, 32};
  for (const IsaSet isa : TlIsas()) {
    std::vector<uint8_t> data = Pack(std::vector<int8_t>(64 * 64, 0), t, isa);
    data[512 + 256 + 64 + 16 + 5] = 0x4d;     // tile (1, 1), block 1, rows 0-15, columns 4-7: row 37, columns 46 and 47
    data.at(512 + 256 + 64 + 32 + 3) = 0x94;  // row 51, columns 40 and 41
    std::vector<int8_t> trits;
    const absl::Status status = Unpack(data, t, trits, isa).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(status.message(), HasSubstr("tensor \"blk.0.attn_q.weight\": TL1 code of row 37, columns 46 to 47: "
                                            "expected 0 to 8, got 13"));
    EXPECT_THAT(status.message(), HasSubstr("64x64 (bm 32, bk 32, bmm 32)"));
  }
}

TEST(Tl1Test, ScaleKeepsItsBits) {
  const TlTiling t{32, 8, 32, 8, 32};
  std::vector<uint8_t> data(Tl1Size(32, 8));
  const std::vector<int8_t> zeros(32 * 8);
  std::vector<int8_t> trits;
  for (const float scale :
       {0.0f, 1.2345f, std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::max()}) {
    ASSERT_TRUE(PackTl1(zeros, 32, 8, scale, TlParams(t), data).ok());
    EXPECT_EQ(*Unpack(data, t, trits), scale);
  }
  for (const float scale : {-1.0f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    EXPECT_THAT(PackTl1(zeros, 32, 8, scale, TlParams(t), data).message(), HasSubstr("TL1 scale: expected"));
    std::memcpy(&data[64], &scale, 4);
    EXPECT_THAT(Unpack(data, t, trits).status().message(),
                HasSubstr("tensor \"blk.0.attn_q.weight\", byte 64: TL1 scale: expected a finite number >= 0"));
  }
}

TEST(Tl1Test, RefusesOtherSizes) {
  const TlTiling t{32, 8, 32, 8, 32};
  std::vector<int8_t> trits;
  for (const size_t size : {0, 1, 32, 64, 95, 97, 192}) {
    EXPECT_THAT(Unpack(std::vector<uint8_t>(size), t, trits).status().message(),
                HasSubstr("TL1 of 32x8: expected 96 bytes, got"));
  }
}

TEST(Tl1Test, NeedsItsTiling) {
  const CodecParams none;
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckTl1Shape(512, 512, none)));
  EXPECT_THAT(CheckTl1Shape(512, 512, none).message(), HasSubstr("512x512 matrix needs its tiling"));
  const absl::Status never = CheckTl1Shape(48, 512, none);
  EXPECT_TRUE(absl::IsInvalidArgument(never));
  EXPECT_THAT(never.message(), HasSubstr("TL1 cannot store a matrix of 48x512"));
  const TlTiling t{64, 64, 32, 32, 32};
  EXPECT_THAT(CheckTl1Shape(64, 128, TlParams(t)).message(),
              HasSubstr("64x128 matrix: expected a tiling of this shape"));
  EXPECT_TRUE(CheckTl1Shape(64, 64, TlParams(t)).ok());
  std::vector<int8_t> trits(64 * 64);
  const absl::Status status = UnpackTl1(std::vector<uint8_t>(Tl1Size(64, 64)), 64, 64, none, "x", trits).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(status.message(), HasSubstr("tensor \"x\": TL1 of a 64x64"));
  for (const int64_t side : {int64_t{0}, int64_t{-32}, int64_t{1} << 31, std::numeric_limits<int64_t>::max()}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CheckTl1Shape(side, 64, none)));
    EXPECT_TRUE(absl::IsInvalidArgument(CheckTl1Shape(64, side, none)));
    const TlTiling hostile{side, side, 32, 32, 32};
    EXPECT_TRUE(absl::IsInvalidArgument(CheckTl1Shape(side, side, TlParams(hostile))));
  }
}

TEST(Tl1DeathTest, RefusesWhatIsNoTrit) {
  const TlTiling t{32, 8, 32, 8, 32};
  std::vector<uint8_t> data(Tl1Size(32, 8));
  for (const IsaSet isa : TlIsas()) {
    std::vector<int8_t> trits(32 * 8);
    trits[77] = 2;
    EXPECT_DEATH((void)PackTl1(trits, 32, 8, 1, TlParams(t, isa), data), "outside");
    trits[77] = -128;
    EXPECT_DEATH((void)PackTl1(trits, 32, 8, 1, TlParams(t, isa), data), "outside");
  }
}

}  // namespace
}  // namespace bitnet
