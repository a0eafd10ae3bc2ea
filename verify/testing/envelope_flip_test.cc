// One bit of a bundle, anywhere in its text, through the whole audit at L3: what is accepted differs in a hint, and in
// nothing else. Every bit of the payload alone is //bitnet/attest:bit_flip_test; here it is every 61st of everything.

#include <string>

#include "gtest/gtest.h"
#include "verify/audit.h"
#include "verify/testing/signed_receipt.h"

namespace bitnet::verify {
namespace {

constexpr size_t kStride = 61;  // odd, so that all eight bits of a byte have their turn

// Whether offset `at` lies in the string that follows "name": in the text.
bool LiesIn(std::string_view name, const std::string& text, size_t at) {
  const std::string opening = "\"" + std::string(name) + "\": \"";
  const size_t begin = text.find(opening) + opening.size();
  return at >= begin && at < text.find('"', begin);
}

TEST(EnvelopeFlipTest, OnlyHintsMayDiffer) {
  const FixtureContext context = UsualContext();
  std::string text = SignedText(AnsweringReceipt());
  const auto audit = [&] { return AuditReceiptText(text, context.policy, TestNow(), context.artifacts).verdict; };
  ASSERT_EQ(audit(), Verdict::kAccept);
  const std::string honest = text;
  int accepted = 0;
  int refused = 0;
  for (size_t bit = 0; bit < 8 * text.size(); bit += kStride) {
    char& byte = text[bit / 8];
    byte = static_cast<char>(byte ^ (1 << (bit % 8)));
    if (audit() == Verdict::kAccept) {
      ++accepted;
      EXPECT_TRUE(LiesIn("hint", honest, bit / 8) || LiesIn("keyid", honest, bit / 8))
          << "accepted with bit " << bit % 8 << " of byte " << bit / 8 << " flipped: " << text.substr(bit / 8, 20);
    } else {
      ++refused;
    }
    byte = honest[bit / 8];
  }
  EXPECT_EQ(text, honest);
  EXPECT_GT(accepted, 0) << "hints decide nothing, so some flips in them are accepted";
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace bitnet::verify
