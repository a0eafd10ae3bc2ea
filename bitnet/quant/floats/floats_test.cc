// Every set of kernels against the scalar one, bit for bit, and the scalar one against plain formulas.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/base/philox.h"
#include "bitnet/quant/floats/float_kernel_table.h"
#include "bitnet/quant/floats/float_kernels.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr int64_t kSizes[] = {0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 127, 200, 256, 1000, kStatsBlock};

// Finite floats of every magnitude and sign, zeros of both signs among them.
std::vector<float> AnyFinite(int64_t n, uint64_t stream) {
  std::vector<float> x(static_cast<size_t>(n));
  for (size_t i = 0; i < x.size(); ++i) {
    const auto words = PhiloxAt(11, stream, i);
    uint32_t bits = words[0];
    if ((bits >> 23 & 0xff) == 0xff) bits ^= 0x40000000;
    if (words[1] % 8 == 0) bits &= 0x80000000;
    x[i] = std::bit_cast<float>(bits);
  }
  return x;
}

class FloatKernelsTest : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!DetectIsaSet().Has(GetParam())) GTEST_SKIP() << "this CPU lacks " << IsaName(GetParam());
    kernels_ = &FloatKernelsFor(IsaClosure(GetParam()));
  }
  const FloatKernels& scalar_ = FloatKernelsFor({Isa::kScalar});
  const FloatKernels* kernels_ = nullptr;
};

TEST_P(FloatKernelsTest, Stats) {
  for (const int64_t n : kSizes) {
    std::vector<float> x = AnyFinite(n, 1);
    const BlockStats expected = scalar_.stats(x.data(), n), got = kernels_->stats(x.data(), n);
    EXPECT_EQ(got.max_bits, expected.max_bits) << n;
    EXPECT_EQ(std::bit_cast<uint64_t>(got.sum), std::bit_cast<uint64_t>(expected.sum)) << n;
    // One value that is not finite is seen wherever it stands.
    for (const float bad : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN(),
                            -std::numeric_limits<float>::quiet_NaN()}) {
      for (int64_t i = 0; i < std::min<int64_t>(n, 70); ++i) {
        const float kept = std::exchange(x[static_cast<size_t>(i)], bad);
        EXPECT_GE(kernels_->stats(x.data(), n).max_bits, 0x7f800000u) << n << ", " << i;
        x[static_cast<size_t>(i)] = kept;
      }
    }
  }
}

TEST_P(FloatKernelsTest, StatsAreThoseOfThePlainFormula) {
  // Integers: every order of additions gives the same sum.
  std::vector<float> x(kStatsBlock);
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<float>(i * 37 % 1000) * (i % 2 == 0 ? 1.0f : -1.0f);
    sum += std::fabs(static_cast<double>(x[i]));
  }
  const BlockStats stats = kernels_->stats(x.data(), kStatsBlock);
  EXPECT_EQ(stats.sum, sum);
  EXPECT_EQ(std::bit_cast<float>(stats.max_bits), 999.0f);
}

TEST_P(FloatKernelsTest, FirstOther) {
  const uint32_t magnitude = std::bit_cast<uint32_t>(0.3f);
  for (const int64_t n : kSizes) {
    std::vector<float> x(static_cast<size_t>(n));
    for (size_t i = 0; i < x.size(); ++i) x[i] = (i % 3 == 0 ? 0.3f : i % 3 == 1 ? -0.3f : 0.0f) * (i % 2 ? 1 : -1);
    EXPECT_EQ(kernels_->first_other(x.data(), n, magnitude), n);
    for (int64_t i = n - 1; i >= 0 && n <= 256; --i) {
      x[static_cast<size_t>(i)] = i % 2 ? std::nextafter(0.3f, 1.0f) : -std::numeric_limits<float>::denorm_min();
      EXPECT_EQ(kernels_->first_other(x.data(), n, magnitude), i) << n;
    }
  }
}

TEST_P(FloatKernelsTest, QuantizeIsRoundHalfEvenOfTheQuotient) {
  std::vector<float> scales = {0.0f,
                               1.0f,
                               0.7f,
                               1e-5f,
                               0x1p-149f,
                               3 * 0x1p-149f,
                               0x1p-126f,
                               0x1.fffffep-126f,
                               0x1p-125f,
                               0x1.fffffep0f,
                               std::numeric_limits<float>::max()};
  for (uint64_t i = 0; i < 300; ++i) {
    const uint32_t bits = PhiloxAt(3, 3, i)[0] & 0x7fffffff;
    if (bits < 0x7f800000) scales.push_back(std::bit_cast<float>(bits));
  }
  for (const float scale : scales) {
    std::vector<float> x = AnyFinite(40, std::bit_cast<uint32_t>(scale));
    // The neighbourhood of one half, one and one and a half.
    for (const float part : {0.5f, 1.0f, 1.5f}) {
      float below = part * scale, above = part * scale;
      if (!std::isfinite(below)) continue;
      for (int step = 0; step < 4; ++step) {
        for (const float value : {below, -below, above, -above}) {
          if (std::isfinite(value)) x.push_back(value);
        }
        below = std::nextafter(below, -1.0f);
        above = std::nextafter(above, std::numeric_limits<float>::infinity());
      }
    }
    std::vector<int8_t> trits(x.size(), 99);
    kernels_->quantize(x.data(), static_cast<int64_t>(x.size()), scale, trits.data());
    for (size_t i = 0; i < x.size(); ++i) {
      const float quotient = x[i] == 0 ? 0 : x[i] / scale;
      EXPECT_EQ(trits[i], std::clamp(std::nearbyint(quotient), -1.0f, 1.0f)) << x[i] << " / " << scale;
    }
  }
}

TEST_P(FloatKernelsTest, QuantizeWritesNothingBeyondTheEnd) {
  for (const int64_t n : kSizes) {
    const std::vector<float> x = AnyFinite(n, 5);
    std::vector<int8_t> expected(static_cast<size_t>(n) + 64, 99), got = expected;
    scalar_.quantize(x.data(), n, 1e-3f, expected.data());
    kernels_->quantize(x.data(), n, 1e-3f, got.data());
    EXPECT_EQ(got, expected) << n;
  }
}

TEST_P(FloatKernelsTest, Dequantize) {
  for (const int64_t n : kSizes) {
    std::vector<int8_t> trits(static_cast<size_t>(n));
    for (size_t i = 0; i < trits.size(); ++i) trits[i] = static_cast<int8_t>(PhiloxAt(3, 7, i)[0] % 3) - 1;
    for (const float scale : {0.0f, 0.37f, 0x1p-149f, std::numeric_limits<float>::max()}) {
      std::vector<float> x(trits.size() + 16, 5.0f);
      kernels_->dequantize(trits.data(), n, scale, x.data());
      for (size_t i = 0; i < x.size(); ++i) {
        const float value = i >= trits.size() ? 5.0f : trits[i] == 0 ? 0.0f : trits[i] * scale;
        // For scale 0 a trit of -1 is -0, which is no different weight.
        if (scale == 0) {
          EXPECT_EQ(x[i], value);
        } else {
          EXPECT_EQ(std::bit_cast<uint32_t>(x[i]), std::bit_cast<uint32_t>(value)) << n << ", " << i;
        }
      }
    }
  }
}

TEST_P(FloatKernelsTest, EveryHalf) {
  // All 65536 patterns at an odd address, and the tails of every size.
  std::vector<uint8_t> bytes(2 * 65536 + 1);
  for (uint32_t i = 0; i < 65536; ++i) {
    bytes[2 * i + 1] = static_cast<uint8_t>(i);
    bytes[2 * i + 2] = static_cast<uint8_t>(i >> 8);
  }
  for (const auto convert : {&FloatKernels::from_bf16, &FloatKernels::from_f16}) {
    std::vector<float> expected(65536), got(65536);
    (scalar_.*convert)(bytes.data() + 1, 65536, expected.data());
    (kernels_->*convert)(bytes.data() + 1, 65536, got.data());
    EXPECT_EQ(std::memcmp(got.data(), expected.data(), got.size() * sizeof(float)), 0);
    for (const int64_t n : kSizes) {
      std::fill(got.begin(), got.end(), 5.0f);
      (kernels_->*convert)(bytes.data() + 1 + 2 * 0x3c00, n, got.data());
      EXPECT_EQ(std::memcmp(got.data(), expected.data() + 0x3c00, static_cast<size_t>(n) * sizeof(float)), 0) << n;
      EXPECT_EQ(got[static_cast<size_t>(n)], 5.0f) << n;
    }
  }
  float one = 0;
  scalar_.from_bf16(bytes.data() + 1 + 2 * 0x3f80, 1, &one);
  EXPECT_EQ(one, 1.0f);
}

TEST_P(FloatKernelsTest, AddError) {
  for (const int64_t n : {0, 8, 16, 24, 1000}) {
    const std::vector<float> original = AnyFinite(n, 8);
    std::vector<float> stored = AnyFinite(n, 9);
    ErrorLanes expected, got;
    for (int repeat = 0; repeat < 2; ++repeat) {
      scalar_.add_error(original.data(), stored.data(), n, &expected);
      kernels_->add_error(original.data(), stored.data(), n, &got);
    }
    EXPECT_EQ(std::memcmp(&got, &expected, sizeof(got)), 0) << n;
    EXPECT_EQ(got.zeros, 2 * std::count(stored.begin(), stored.end(), 0.0f));
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, FloatKernelsTest, testing::Values(Isa::kScalar, Isa::kAvx2, Isa::kAvx512),
                         [](const auto& info) { return std::string(IsaName(info.param)); });

}  // namespace
}  // namespace bitnet
