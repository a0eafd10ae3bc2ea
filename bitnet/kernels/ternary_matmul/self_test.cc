// Known-answer products for ternary_matmul: the largest sums that a narrow accumulator could lose, sizes around the
// register tiles, and random contents.

#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/ternary_matmul/kernel_table.h"
#include "bitnet/kernels/ternary_matmul/reference.h"

namespace bitnet {
namespace {

constexpr int kRandom = 256;  // not an int8 activation and not a packed byte

struct Case {
  std::string_view name;
  int64_t m;
  int64_t k;
  int64_t rows;
  int weights;      // every packed byte (0x00: all -1, 0x55: all 0, 0xaa: all +1), or kRandom
  int activations;  // every q, or kRandom
};

// Of the numbers of tokens that kernels treat apart (one; 2 to 8, alone or in groups of 2 to 4; up to 16, in groups of 4
// to 8; more) each has a case, and so have the largest register tile of each gemm, features beyond a first strip of 192
// and columns beyond the first piece of a panel.
constexpr Case kCases[] = {
    {"random 17 x 384, 7 tokens", 17, 384, 7, kRandom, kRandom},
    {"random 9 x 2560, 2 tokens", 9, 2560, 2, kRandom, kRandom},
    {"random 11 x 640, 3 tokens", 11, 640, 3, kRandom, kRandom},
    {"random 13 x 256, 4 tokens", 13, 256, 4, kRandom, kRandom},
    {"random 18 x 512, 5 tokens", 18, 512, 5, kRandom, kRandom},
    {"random 19 x 256, 8 tokens", 19, 256, 8, kRandom, kRandom},
    {"random 34 x 384, 13 tokens", 34, 384, 13, kRandom, kRandom},
    {"random 33 x 256, 21 tokens", 33, 256, 21, kRandom, kRandom},
    {"random 33 x 384, 24 tokens", 33, 384, 24, kRandom, kRandom},
    {"random 197 x 128, 9 tokens", 197, 128, 9, kRandom, kRandom},
    {"random 5 x 8320, 17 tokens", 5, 8320, 17, kRandom, kRandom},
    {"all +1 times 127, K = 6912", 5, 6912, 2, 0xaa, 127},
    {"all +1 times -128, K = 6912", 4, 6912, 2, 0xaa, -128},
    {"all +1 times -128, K = 6912, 8 tokens", 4, 6912, 8, 0xaa, -128},
    {"all +1 times -128, K = 6912, 17 tokens", 4, 6912, 17, 0xaa, -128},
    {"all -1 times -128, K = 2560", 3, 2560, 2, 0x00, -128},
    {"random times -128, K = 2560", 4, 2560, 3, kRandom, -128},
};

// A 32-bit linear congruential sequence; only its upper bits are used.
uint32_t Next(uint32_t& state) { return state = state * 1664525u + 1013904223u; }

// Four codes 0..2 from 32 bits; code 3 never occurs in a loaded model.
uint8_t RandomCodes(uint32_t& state) {
  const uint32_t bits = Next(state) >> 8;
  return static_cast<uint8_t>(bits % 3 | (bits >> 6) % 3 << 2 | (bits >> 12) % 3 << 4 | (bits >> 18) % 3 << 6);
}

}  // namespace

absl::StatusOr<Digest> CheckTernaryMatmul(KernelId kernel, TernaryMatmulFn function) {
  Sha256 hash;
  uint32_t state = 20260102;
  for (const Case& test : kCases) {
    std::vector<uint8_t> packed(test.m * test.k / 4);
    for (uint8_t& byte : packed) {
      byte = test.weights == kRandom ? RandomCodes(state) : static_cast<uint8_t>(test.weights);
    }
    std::vector<int8_t> q(test.rows * test.k);
    for (int8_t& v : q) v = static_cast<int8_t>(test.activations == kRandom ? Next(state) >> 24 : test.activations);
    std::vector<float> act_scale(test.rows);
    std::vector<int32_t> act_sum(test.rows);
    for (int64_t row = 0; row < test.rows; ++row) {
      act_scale[row] = 12.7f / static_cast<float>(row + 1);
      for (int64_t i = 0; i < test.k; ++i) act_sum[row] += q[row * test.k + i];
    }
    std::vector<float> expected(test.rows * test.m);
    std::vector<float> got(test.rows * test.m, -1.0f);
    I2sProduct product = {packed.data(),    test.m,         test.k,    0.71f,          q.data(),
                          act_scale.data(), act_sum.data(), test.rows, expected.data()};
    TernaryMatmulReference(product);
    product.y = got.data();
    if (GetKernel(kernel).rows == RowClass::kOne) {
      for (int64_t row = 0; row < test.rows; ++row) {
        I2sProduct one = product;
        one.q += row * test.k;
        one.act_scale += row;
        one.act_sum += row;
        one.rows = 1;
        one.y += row * test.m;
        function(one, 0, test.m);
      }
    } else {
      function(product, 0, test.m);
    }
    for (size_t i = 0; i < got.size(); ++i) {
      const uint32_t bits = std::bit_cast<uint32_t>(got[i]);
      if (bits != std::bit_cast<uint32_t>(expected[i])) {
        return absl::InternalError(absl::StrCat("kernel ", GetKernel(kernel).id, " failed its self-test, case '",
                                                test.name, "': y[", i / test.m, "][", i % test.m, "] expected ",
                                                expected[i], ", got ", got[i],
                                                "; the CPU or this build is faulty, rule the kernel out with --isa"));
      }
      hash.UpdateU32(bits);
    }
  }
  return hash.Finish();
}

}  // namespace bitnet
