// Known-answer rows for act_quant: sizes around the vector widths, contents where rounding, clamping and the
// floor of the absmax matter.

#include <bit>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/act_quant/kernel_table.h"
#include "bitnet/kernels/act_quant/reference.h"

namespace bitnet {
namespace {

enum class Content { kZeros, kDenormals, kTies, kRandom, kExtremes };

struct Case {
  std::string_view name;
  int64_t rows;
  int64_t dim;
  Content content;
};

constexpr Case kCases[] = {
    {"zeros, one element", 1, 1, Content::kZeros}, {"denormals, 33", 2, 33, Content::kDenormals},
    {"ties to even, 255", 2, 255, Content::kTies}, {"random, 127", 3, 127, Content::kRandom},
    {"random, 2560", 2, 2560, Content::kRandom},   {"largest values, 97", 2, 97, Content::kExtremes},
};

// A 32-bit linear congruential sequence; only its upper bits are used.
uint32_t Next(uint32_t& state) { return state = state * 1664525u + 1013904223u; }

float Value(Content content, int64_t i, uint32_t& state) {
  const float uniform = static_cast<float>(static_cast<int32_t>(Next(state)) >> 8) * 0x1p-23f;  // [-1, 1)
  switch (content) {
    case Content::kZeros:
      return i % 2 == 0 ? 0.0f : -0.0f;
    case Content::kDenormals:
      return uniform * 0x1p-130f;
    case Content::kTies:  // absmax 127 makes the scale 1
      return i == 0 ? -127.0f : static_cast<float>(i % 253 - 126) + (i % 3 == 0 ? 0.0f : 0.5f);
    case Content::kRandom:
      return uniform * static_cast<float>(1 + i % 7);
    case Content::kExtremes:
      return (i % 2 == 0 ? 0x1.fffffep127f : -0x1.fffffep127f) * (i % 5 == 0 ? 1.0f : uniform);
  }
  return 0;
}

struct Output {
  Output(int64_t rows, int64_t dim) : q(rows * dim, 99), scale(rows, -1), sum(rows, -1) {}
  std::vector<int8_t> q;
  std::vector<float> scale;
  std::vector<int32_t> sum;
};

absl::Status Mismatch(KernelId kernel, const Case& test, std::string_view what, int64_t index, double expected,
                      double got) {
  return absl::InternalError(absl::StrCat("kernel ", GetKernel(kernel).id, " failed its self-test, case '", test.name,
                                          "': ", what, "[", index, "] expected ", expected, ", got ", got,
                                          "; the CPU or this build is faulty, rule the kernel out with --isa"));
}

}  // namespace

absl::StatusOr<Digest> CheckActQuant(KernelId kernel, ActQuantFn function) {
  Sha256 hash;
  uint32_t state = 20260101;
  for (const Case& test : kCases) {
    std::vector<float> x(test.rows * test.dim);
    for (size_t i = 0; i < x.size(); ++i) x[i] = Value(test.content, static_cast<int64_t>(i) % test.dim, state);
    Output expected(test.rows, test.dim);
    Output got(test.rows, test.dim);
    const auto args = [&](Output& out) {
      return ActQuantArgs{x.data(), out.q.data(), out.scale.data(), out.sum.data(), test.rows, test.dim};
    };
    ActQuantReference(args(expected));
    function(args(got), 0, test.rows);
    for (int64_t row = 0; row < test.rows; ++row) {
      const uint32_t bits = std::bit_cast<uint32_t>(got.scale[row]);
      if (bits != std::bit_cast<uint32_t>(expected.scale[row])) {
        return Mismatch(kernel, test, "scale", row, expected.scale[row], got.scale[row]);
      }
      if (got.sum[row] != expected.sum[row]) {
        return Mismatch(kernel, test, "sum", row, expected.sum[row], got.sum[row]);
      }
      hash.UpdateU32(bits).UpdateU32(static_cast<uint32_t>(got.sum[row]));
    }
    for (size_t i = 0; i < x.size(); ++i) {
      if (got.q[i] != expected.q[i]) return Mismatch(kernel, test, "q", i, expected.q[i], got.q[i]);
    }
    hash.Update(std::span(reinterpret_cast<const uint8_t*>(got.q.data()), got.q.size()));
  }
  return hash.Finish();
}

}  // namespace bitnet
