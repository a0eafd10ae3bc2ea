// Every single bit of a signed payload, on three receipts, exhaustively: of the bytes that were signed, and of the
// base64 text that carries them. Whatever one bit makes of either, the bundle is refused.

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "bitnet/attest/base64.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/dsse.h"
#include "bitnet/attest/testing_bundle.h"
#include "gtest/gtest.h"

namespace bitnet::attest {
namespace {

class BitFlipTest : public testing::TestWithParam<const char*> {
 protected:
  BitFlipTest() : key_(TestingKey().Public()) {
    std::ifstream file(absl::StrCat("testdata/receipts/", GetParam(), ".json"), std::ios::binary);
    bundle_ = HonestBundle(std::string(std::istreambuf_iterator<char>(file), {}));
    envelope_ = *ReadBundle(bundle_);
  }

  bool Accepted(const std::string& bundle) const {
    const auto envelope = ReadBundle(bundle);
    return envelope.ok() && VerifyEnvelope(*envelope, key_).ok();
  }

  const PublicKey key_;
  std::string bundle_;
  Envelope envelope_;
};

TEST_P(BitFlipTest, OfThePayload) {
  ASSERT_TRUE(VerifyEnvelope(envelope_, key_).ok());
  uint64_t accepted = 0;
  for (size_t bit = 0; bit < 8 * envelope_.payload.size(); ++bit) {
    char& byte = envelope_.payload[bit / 8];
    byte = static_cast<char>(byte ^ (1 << (bit % 8)));
    accepted += VerifyEnvelope(envelope_, key_).ok();
    byte = static_cast<char>(byte ^ (1 << (bit % 8)));
  }
  EXPECT_EQ(accepted, 0);
  ASSERT_TRUE(VerifyEnvelope(envelope_, key_).ok()) << "every flip was undone";
  RecordProperty("bits", static_cast<int>(8 * envelope_.payload.size()));
}

TEST_P(BitFlipTest, OfTheBase64Text) {
  ASSERT_TRUE(Accepted(bundle_));
  const size_t begin = bundle_.find(EncodeBase64(envelope_.payload));
  const size_t end = bundle_.find('"', begin);
  ASSERT_LT(begin, end);
  uint64_t accepted = 0;
  for (size_t bit = 8 * begin; bit < 8 * end; ++bit) {
    char& byte = bundle_[bit / 8];
    byte = static_cast<char>(byte ^ (1 << (bit % 8)));
    accepted += Accepted(bundle_);
    byte = static_cast<char>(byte ^ (1 << (bit % 8)));
  }
  EXPECT_EQ(accepted, 0);
  RecordProperty("bits", static_cast<int>(8 * (end - begin)));
}

INSTANTIATE_TEST_SUITE_P(Receipts, BitFlipTest, testing::Values("pass_one_token", "pass_tiny_scalar", "pass_sampled"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace bitnet::attest
