// Arbitrary bytes as a tensor of one format, BITNET_FUZZ_CODEC: every instruction set says the same, and what is
// accepted comes back from its trits and scale.
//
// The input is: rows and columns, a byte each, in steps of what the format takes; a byte of flags; the exact scale of
// the metadata, 4 bytes; the tensor.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/codec_testing.h"
#include "bitnet/quant/i2s_testing.h"

#define BITNET_QUOTE_TEXT(text) #text
#define BITNET_QUOTE(name) BITNET_QUOTE_TEXT(name)

namespace bitnet {
namespace {

constexpr size_t kHeader = 7;
constexpr uint8_t kHasExactScale = 1;  // flag: the metadata has the scale
constexpr uint8_t kFill = 2;           // flag: the tensor is repeated or cut to its right size

bool IsTiled(const TernaryCodec& codec) { return codec.type == TensorType::kTl1 || codec.type == TensorType::kTl2; }

// Every instruction set's answer, which is one.
absl::StatusOr<float> Unpack(const ShapedCodec& shaped, const std::vector<uint8_t>& data,
                             std::optional<float> exact_scale, std::vector<int8_t>& trits) {
  const absl::StatusOr<float> scale = shaped.Unpack(data, trits, {Isa::kScalar}, exact_scale);
  for (IsaSet isa : CodecIsas()) {
    std::vector<int8_t> others;
    const absl::StatusOr<float> other = shaped.Unpack(data, others, isa, exact_scale);
    CHECK(other.status() == scale.status()) << other.status() << " not " << scale.status();
    if (scale.ok()) CHECK(SameBits(*other, *scale) && others == trits);
  }
  return scale;
}

void CheckRepack(const ShapedCodec& shaped, const std::vector<uint8_t>& data, std::optional<float> exact_scale,
                 const absl::StatusOr<float>& scale, const std::vector<int8_t>& trits) {
  if (shaped.cols() % 128 != 0) return;
  std::vector<uint8_t> expected(trits.size() / 4), packed(expected.size());
  if (scale.ok()) PackI2s(trits, expected);
  for (IsaSet isa : CodecIsas()) {
    const absl::StatusOr<float> repacked =
        RepackToI2s(shaped.codec(), data, shaped.rows(), shaped.cols(), shaped.Params(isa, exact_scale), "t", packed);
    CHECK(repacked.status() == scale.status()) << repacked.status() << " not " << scale.status();
    if (scale.ok()) CHECK(SameBits(*repacked, *scale) && packed == expected);
  }
}

void TestOne(const uint8_t* bytes, size_t size) {
  const TernaryCodec* codec = FindTernaryCodec(BITNET_QUOTE(BITNET_FUZZ_CODEC));
  CHECK(codec != nullptr);
  if (size < kHeader) return;
  const int64_t rows = IsTiled(*codec) ? 32 * (1 + bytes[0] % 3) : 1 + bytes[0] % 9;
  const int64_t cols = IsTiled(*codec) ? 256 + 32 * (bytes[1] % 9) : codec->col_multiple * (1 + bytes[1] % 9);
  const ShapedCodec shaped(*codec, rows, cols);
  if (!shaped.Fits()) return;  // not every tiled shape does
  std::optional<float> exact_scale;
  if ((bytes[2] & kHasExactScale) != 0) std::memcpy(&exact_scale.emplace(), bytes + 3, sizeof(float));
  std::vector<uint8_t> data(bytes + kHeader, bytes + size);
  if ((bytes[2] & kFill) != 0 && !data.empty()) {
    const size_t given = data.size();
    data.resize(shaped.size());
    for (size_t i = given; i < data.size(); ++i) data[i] = data[i - given];
  }
  std::vector<int8_t> trits, again;
  const absl::StatusOr<float> scale = Unpack(shaped, data, exact_scale, trits);
  CheckRepack(shaped, data, exact_scale, scale, trits);
  if (!scale.ok()) {
    CHECK(!scale.status().message().empty());
    return;
  }
  const std::vector<uint8_t> packed = shaped.Pack(trits, *scale);
  for (IsaSet isa : CodecIsas()) CHECK(shaped.Pack(trits, *scale, isa) == packed);
  const absl::StatusOr<float> once_more = Unpack(shaped, packed, *scale, again);
  CHECK_OK(once_more.status());
  CHECK(SameBits(*once_more, *scale));
  CHECK(again == trits);
}

}  // namespace
}  // namespace bitnet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  bitnet::TestOne(bytes, size);
  return 0;
}
