#include "bitnet/quant/tq.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/f16.h"

namespace bitnet {
namespace {

constexpr uint8_t kZeroCode = 1;

using BlockCodes = std::array<uint8_t, kTqBlock>;

// The five codes of each byte, and whether any five codes give that byte (243 of the 256) or any four with c4 = 0 (81).
struct Tq1Byte {
  uint8_t codes[5];
  bool five;
  bool four;
};

constexpr std::array<Tq1Byte, 256> MakeTq1Bytes() {
  std::array<Tq1Byte, 256> table{};
  for (int v = 0; v < 243; ++v) {
    Tq1Byte& entry = table[(v * 256 + 242) / 243];
    for (int n = 4, rest = v; n >= 0; --n, rest /= 3) entry.codes[n] = static_cast<uint8_t>(rest % 3);
    entry.five = true;
    entry.four = v % 3 == 0;
  }
  return table;
}

constexpr std::array<Tq1Byte, 256> kTq1Bytes = MakeTq1Bytes();

// Decoders of one block: fill `codes` and return the first byte that is no code's, or nothing.
std::optional<int> DecodeTq1Block(const uint8_t* block, BlockCodes& codes) {
  bool legal = true;
  const auto decode = [&](int first_byte, int bytes, int first_element, int per_byte) {
    for (int m = 0; m < bytes; ++m) {
      const Tq1Byte& entry = kTq1Bytes[block[first_byte + m]];
      legal &= per_byte == 5 ? entry.five : entry.four;
      for (int n = 0; n < per_byte; ++n) codes[first_element + n * bytes + m] = entry.codes[n];
    }
  };
  decode(0, 32, 0, 5);
  decode(32, 16, 160, 5);
  decode(48, 4, 240, 4);
  if (legal) return std::nullopt;
  int byte = 0;
  while (byte < 48 ? kTq1Bytes[block[byte]].five : kTq1Bytes[block[byte]].four) ++byte;
  return byte;
}

std::optional<int> DecodeTq2Block(const uint8_t* block, BlockCodes& codes) {
  uint8_t illegal = 0;
  for (int half = 0; half < 2; ++half) {
    for (int slot = 0; slot < 4; ++slot) {
      for (int m = 0; m < 32; ++m) {
        const uint8_t code = (block[half * 32 + m] >> (2 * slot)) & 3;
        illegal |= code & (code >> 1);
        codes[half * 128 + slot * 32 + m] = code;
      }
    }
  }
  if (illegal == 0) return std::nullopt;
  int byte = 0;
  while ((block[byte] & (block[byte] >> 1) & 0x55) == 0) ++byte;
  return byte;
}

// Two I2_S blocks of 128.
void PackCodes(const BlockCodes& codes, uint8_t* out) {
  for (int half = 0; half < 2; ++half) {
    const uint8_t* c = codes.data() + half * 128;
    for (int p = 0; p < 32; ++p) {
      out[half * 32 + p] = static_cast<uint8_t>(c[p] << 6 | c[p + 32] << 4 | c[p + 64] << 2 | c[p + 96]);
    }
  }
}

struct Format {
  std::string_view name;
  int64_t block_bytes;
  std::optional<int> (*decode)(const uint8_t* block, BlockCodes& codes);
};

absl::StatusOr<float> Repack(const Format& format, std::span<const uint8_t> data, int64_t rows, int64_t cols,
                             std::span<uint8_t> packed, std::string_view name) {
  const auto place = [&](int64_t block) {
    return absl::StrCat("tensor \"", name, "\": ", format.name, " block ", block);
  };
  int64_t elements = 0;
  if (rows < 1 || cols < 1 || cols % kTqBlock != 0 || __builtin_mul_overflow(rows, cols, &elements) ||
      data.size() != static_cast<uint64_t>(elements / kTqBlock) * format.block_bytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "tensor \"", name, "\": ", format.name, " [", rows, "][", cols, "]: expected rows of a multiple of ", kTqBlock,
        " weights and ", format.block_bytes, " bytes per ", kTqBlock, " weights, got ", data.size(), " bytes"));
  }
  CHECK_EQ(packed.size(), static_cast<size_t>(elements / 4));

  std::optional<float> scale;
  int64_t scale_block = 0;
  BlockCodes codes;
  for (int64_t block = 0; block < elements / kTqBlock; ++block) {
    const uint8_t* bytes = data.data() + block * format.block_bytes;
    if (const std::optional<int> byte = format.decode(bytes, codes)) {
      return absl::InvalidArgumentError(absl::StrCat(place(block), ", byte ", *byte, ": 0x",
                                                     absl::Hex(bytes[*byte], absl::kZeroPad2),
                                                     " is not the code of any ternary weights"));
    }
    PackCodes(codes, packed.data() + block * (kTqBlock / 4));
    F16 half;
    std::memcpy(&half, bytes + format.block_bytes - sizeof(half), sizeof(half));
    const float d = F16ToF32(half);
    if (!std::isfinite(d) || d < 0) {
      return absl::InvalidArgumentError(absl::StrCat(place(block), ": scale: expected a finite number >= 0, got ", d));
    }
    if (scale == d || std::all_of(codes.begin(), codes.end(), [](uint8_t code) { return code == kZeroCode; })) continue;
    if (scale.has_value()) {
      return absl::UnimplementedError(absl::StrCat(place(block), ": scale: expected ", *scale, " as in block ",
                                                   scale_block, ", got ", d,
                                                   "; per-block scales are not supported by the matmul kernels"));
    }
    scale = d;
    scale_block = block;
  }
  return scale.value_or(0.0f);
}

}  // namespace

absl::StatusOr<float> RepackTq1ToI2s(std::span<const uint8_t> data, int64_t rows, int64_t cols,
                                     std::span<uint8_t> packed, std::string_view name) {
  return Repack({"TQ1_0", kTq1BlockBytes, DecodeTq1Block}, data, rows, cols, packed, name);
}

absl::StatusOr<float> RepackTq2ToI2s(std::span<const uint8_t> data, int64_t rows, int64_t cols,
                                     std::span<uint8_t> packed, std::string_view name) {
  return Repack({"TQ2_0", kTq2BlockBytes, DecodeTq2Block}, data, rows, cols, packed, name);
}

}  // namespace bitnet
