// The smallest model file that loads, in memory, for tests that damage it.

#ifndef BITNET_MODEL_SMALLEST_MODEL_H_
#define BITNET_MODEL_SMALLEST_MODEL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bitnet {

// What tensor data is filled with: legal ternary codes (0, 1, 2, 0), and a small positive number as f16 and as f32.
inline constexpr uint8_t kSmallestModelFill = 0x18;

// 1 layer, hidden 128, ffn 128, 1 head of 128, 256 byte tokens and 10 control tokens; about 100 kB of tensor data
// behind a header of 10 kB. The head is tied.
std::vector<uint8_t> SmallestModel(std::string_view architecture = "bitnet-b1.58");

// Everything before the tensor data of a bitnet-b1.58 one.
std::string SmallestModelHeader();

}  // namespace bitnet

#endif  // BITNET_MODEL_SMALLEST_MODEL_H_
