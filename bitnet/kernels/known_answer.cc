#include "bitnet/kernels/known_answer.h"

#include <bit>
#include <cstring>

#include "absl/log/check.h"
#include "absl/strings/str_format.h"
#include "bitnet/base/philox.h"

namespace bitnet {
namespace {

float Value(Pattern pattern, size_t index, uint32_t random) {
  const uint32_t sign = random & 0x80000000u;
  switch (pattern) {
    case Pattern::kZeros:
      return index % 2 == 0 ? 0.0f : -0.0f;
    case Pattern::kDenormals:
      return std::bit_cast<float>(sign | (random & 0x007fffffu));
    case Pattern::kLarge:  // [2^126, 2^128)
      return std::bit_cast<float>(sign | 0x7e800000u | (random & 0x00ffffffu));
    case Pattern::kAlternating:
      return index % 2 == 0 ? 1.0f : -1.0f;
    case Pattern::kRandom:
      return static_cast<float>(random >> 8) * 0x1p-21f - 4.0f;
  }
  return 0.0f;
}

}  // namespace

std::string_view PatternName(Pattern pattern) {
  constexpr std::string_view kNames[] = {"zeros", "denormals", "large", "alternating", "random"};
  return kNames[static_cast<int>(pattern)];
}

void FillPattern(Pattern pattern, uint64_t seed, std::span<float> out) {
  for (size_t i = 0; i < out.size(); i += 4) {
    const std::array<uint32_t, 4> words = PhiloxAt(seed, static_cast<uint64_t>(pattern), i / 4);
    for (size_t j = 0; j < 4 && i + j < out.size(); ++j) out[i + j] = Value(pattern, i + j, words[j]);
  }
}

absl::Status KnownAnswer::Compare(std::string_view test_case, std::span<const float> expected,
                                  std::span<const float> got) {
  CHECK_EQ(expected.size(), got.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const uint32_t want_bits = std::bit_cast<uint32_t>(expected[i]);
    const uint32_t got_bits = std::bit_cast<uint32_t>(got[i]);
    if (want_bits == got_bits) continue;
    return absl::InternalError(absl::StrFormat(
        "kernel %s failed its self-test, case '%s': element %d expected %.9g (0x%08x), got %.9g (0x%08x); the CPU or "
        "this build is faulty, rule the kernel out with --isa",
        GetKernel(kernel_).id, test_case, i, expected[i], want_bits, got[i], got_bits));
  }
  hash_.Update(std::span(reinterpret_cast<const uint8_t*>(got.data()), got.size_bytes()));
  return absl::OkStatus();
}

}  // namespace bitnet
