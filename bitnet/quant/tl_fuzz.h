// The body of tl1_tiling_fuzz_test and tl2_tiling_fuzz_test. An input is four bytes that choose a shape and a tiling, a
// byte whose lowest bit says whether the rest is the tensor as it is or filled up with zeros (which are legal codes)
// and cut to the size of one, and the rest.

#ifndef BITNET_QUANT_TL_FUZZ_H_
#define BITNET_QUANT_TL_FUZZ_H_

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/tl_testing.h"

namespace bitnet {

inline constexpr size_t kTlFuzzHeader = 5;

struct TlFuzzFormat {
  TlTiling (*tiling)(const uint8_t* header);  // any at all, small
  decltype(TernaryCodec::check_shape) check_shape;
  decltype(TernaryCodec::size) size;
  decltype(TernaryCodec::pack) pack;
  decltype(TernaryCodec::unpack) unpack;
};

// Whether packing what was unpacked gives the same bytes of codes; `data` may have anything after the scale, and in
// the less than 32 bytes that round TL2 up.
inline void CheckTlRepack(const TlFuzzFormat& format, const TlTiling& t, const std::vector<uint8_t>& data,
                          const std::vector<int8_t>& trits, float scale, uint64_t code_bytes) {
  for (const IsaSet isa : TlIsas()) {
    std::vector<uint8_t> again(data.size(), 0xee);
    CHECK_OK(format.pack(trits, t.rows, t.cols, scale, TlParams(t, isa), again));
    CHECK(std::memcmp(again.data(), data.data(), code_bytes) == 0);
    CHECK(std::memcmp(&again[data.size() - 32], &data[data.size() - 32], sizeof(scale)) == 0);
  }
}

inline void FuzzTl(const TlFuzzFormat& format, uint64_t (*code_bytes)(int64_t, int64_t),
                   std::span<const uint8_t> input) {
  if (input.size() < kTlFuzzHeader) return;
  const TlTiling t = format.tiling(input.data());
  const std::span<const uint8_t> rest = input.subspan(kTlFuzzHeader);
  if (absl::Status status = format.check_shape(t.rows, t.cols, TlParams(t)); !status.ok()) {
    CHECK(absl::IsInvalidArgument(status) && !status.message().empty());
    return;
  }
  std::vector<uint8_t> data(rest.begin(), rest.end());
  if ((input[4] & 1) != 0) data.resize(format.size(t.rows, t.cols));
  std::vector<int8_t> expected(static_cast<size_t>(t.rows * t.cols));
  const absl::StatusOr<float> scale = format.unpack(data, t.rows, t.cols, TlParams(t), "t", expected);
  for (const IsaSet isa : TlIsas()) {
    std::vector<int8_t> trits(expected.size(), 99);
    const absl::StatusOr<float> got = format.unpack(data, t.rows, t.cols, TlParams(t, isa), "t", trits);
    CHECK(got.status() == scale.status()) << got.status();
    if (scale.ok()) CHECK(trits == expected && *got == *scale);
  }
  if (scale.ok()) CheckTlRepack(format, t, data, expected, *scale, code_bytes(t.rows, t.cols));
}

}  // namespace bitnet

#endif  // BITNET_QUANT_TL_FUZZ_H_
