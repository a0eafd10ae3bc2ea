// The names of the ternary formats, as flags, metadata and receipts say them. The one list for those who know no
// layouts; the codecs are rows of bitnet/quant, and a test there compares.

#ifndef BITNET_TENSOR_TERNARY_FORMATS_H_
#define BITNET_TENSOR_TERNARY_FORMATS_H_

#include <cstdint>
#include <string_view>

namespace bitnet {

struct TernaryFormat {
  std::string_view name;
  // What `bytes_weights` weights take, without tails and padding: no tensor of the format is smaller.
  uint64_t bytes;
  uint64_t bytes_weights;
};

inline constexpr TernaryFormat kTernaryFormats[] = {
    {"i2_s", 32, 128},  {"i2_s_64", 16, 64}, {"tl1", 1, 4},     {"tl2", 5, 24},     {"tq1_0", 54, 256},
    {"tq2_0", 66, 256}, {"q2_0", 18, 64},    {"q1_0", 18, 128}, {"i2s_32", 10, 32}, {"qk256", 64, 256},
};

// nullptr when there is none of that name.
constexpr const TernaryFormat* FindTernaryFormat(std::string_view name) {
  for (const TernaryFormat& format : kTernaryFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

// Kernels read this one where it lies; all others are repacked to it at load.
inline constexpr std::string_view kNativeTernaryFormat = "i2_s";

}  // namespace bitnet

#endif  // BITNET_TENSOR_TERNARY_FORMATS_H_
