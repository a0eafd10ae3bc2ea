#include "bitnet/quant/digest.h"

#include "absl/log/check.h"

namespace bitnet {

Digest TernaryTensorDigest(std::string_view name, int64_t rows, int64_t cols, uint32_t scale_bits,
                           std::span<const uint8_t> packed) {
  CHECK_EQ(packed.size() * 4, static_cast<uint64_t>(rows) * static_cast<uint64_t>(cols));
  constexpr std::string_view kPrefix("bnr1/ternary\0", 13);
  return Sha256()
      .Update(kPrefix)
      .UpdateU64(name.size())
      .Update(name)
      .UpdateU64(static_cast<uint64_t>(rows))
      .UpdateU64(static_cast<uint64_t>(cols))
      .UpdateU32(scale_bits)
      .Update(packed)
      .Finish();
}

}  // namespace bitnet
