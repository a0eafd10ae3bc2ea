#include "bitnet/quant/digest.h"

#include <bit>
#include <set>
#include <string>
#include <vector>

#include "bitnet/base/sha256.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

TEST(TernaryTensorDigestTest, HashesTheDocumentedBytes) {
  const std::vector<uint8_t> packed(64, 0x55);
  std::string bytes("bnr1/ternary\0", 13);
  bytes += std::string("\x08\0\0\0\0\0\0\0", 8) + "a.weight";
  bytes += std::string("\x02\0\0\0\0\0\0\0", 8) + std::string("\x80\0\0\0\0\0\0\0", 8);
  bytes += std::string("\0\0\x80\x3f", 4);  // 1.0f
  bytes += std::string(64, '\x55');
  EXPECT_EQ(TernaryTensorDigest("a.weight", 2, 128, std::bit_cast<uint32_t>(1.0f), packed), Sha256Of(bytes));
}

TEST(TernaryTensorDigestTest, EveryFieldCounts) {
  std::vector<uint8_t> packed(64, 0x55);
  std::set<Digest> digests;
  digests.insert(TernaryTensorDigest("a", 2, 128, 1, packed));
  digests.insert(TernaryTensorDigest("b", 2, 128, 1, packed));
  digests.insert(TernaryTensorDigest("", 2, 128, 1, packed));
  digests.insert(TernaryTensorDigest("a", 1, 256, 1, packed));
  digests.insert(TernaryTensorDigest("a", 2, 128, 2, packed));
  packed[63] = 0x54;
  digests.insert(TernaryTensorDigest("a", 2, 128, 1, packed));
  EXPECT_EQ(digests.size(), 6u);
}

TEST(TernaryTensorDigestDeathTest, ShapeMustFit) {
  const std::vector<uint8_t> packed(32);
  EXPECT_DEATH(TernaryTensorDigest("a", 2, 128, 1, packed), "");
}

}  // namespace
}  // namespace bitnet
