#include "bitnet/base/sha256.h"

#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace bitnet {
namespace {

// FIPS 180-2, appendix B, and the digest of nothing.
TEST(Sha256Test, KnownAnswers) {
  EXPECT_EQ(ToHex(Sha256Of("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(ToHex(Sha256Of("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ToHex(Sha256Of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(ToHex(Sha256Of(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, PiecesEqualTheWhole) {
  const std::string text(300, 'x');
  const Digest whole = Sha256Of(text);
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(Sha256().Update(text.substr(0, cut)).Update(text.substr(cut)).Finish(), whole) << cut;
  }
}

TEST(Sha256Test, IntegersEnterLittleEndian) {
  const std::string bytes = {'\x04', '\x03', '\x02', '\x01', '\x08', '\x07',
                             '\x06', '\x05', '\x04', '\x03', '\x02', '\x01'};
  EXPECT_EQ(Sha256().UpdateU32(0x01020304u).UpdateU64(0x0102030405060708u).Finish(), Sha256Of(bytes));
}

TEST(Sha256Test, StateMoves) {
  Sha256 hash;
  hash.Update("a");
  Sha256 moved = std::move(hash);
  EXPECT_EQ(moved.Update("bc").Finish(), Sha256Of("abc"));
}

}  // namespace
}  // namespace bitnet
