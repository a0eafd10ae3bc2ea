#include "bitnet/attest/base64.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace bitnet::attest {
namespace {

// RFC 4648, section 10.
TEST(Base64Test, VectorsOfTheRfc) {
  const std::pair<const char*, const char*> kVectors[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(EncodeBase64(bytes), text);
    EXPECT_EQ(*DecodeBase64(text), bytes);
  }
}

TEST(Base64Test, EveryByteAndLengthComesBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes.push_back(static_cast<char>(i));
    for (const size_t from : {size_t{0}, bytes.size() / 2}) {
      const std::string part = bytes.substr(from);
      EXPECT_EQ(*DecodeBase64(EncodeBase64(part)), part);
    }
  }
}

TEST(Base64Test, OtherSpellingsAreRefused) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Z===", "====", "=Zg=", "Zg==Zg==", "Zm9v\n", "Zm9v Zm9v", " Zm9v",
                           "Zm9v====", "Zm=v", "Zm-v", "Zm_v", "Zm9*", "Zm9\xc3", "Zh==", "Zm9=", "Zg=A"}) {
    EXPECT_FALSE(DecodeBase64(text).ok()) << text;
  }
  EXPECT_FALSE(DecodeBase64(std::string_view("Zm9\0", 4)).ok());
}

TEST(Base64Test, ErrorsSayWhere) {
  EXPECT_TRUE(absl::StrContains(DecodeBase64("Zm9vYm-y").status().message(), "\"-\" at offset 6"));
  EXPECT_TRUE(absl::StrContains(DecodeBase64("Zm9vYh==").status().message(), "after its last byte, at offset 5"));
  EXPECT_TRUE(absl::StrContains(DecodeBase64("Zm9vY").status().message(), "5 characters"));
}

// All texts of four characters over what matters: those that decode are exactly those that some bytes encode to.
TEST(Base64Test, EveryByteStringHasOneText) {
  constexpr std::string_view kCharacters = "AgwBQ/+=-_ ";
  std::set<std::string> decoded;
  int accepted = 0;
  for (const char a : kCharacters) {
    for (const char b : kCharacters) {
      for (const char c : kCharacters) {
        for (const char d : kCharacters) {
          const std::string text = {a, b, c, d};
          const auto bytes = DecodeBase64(text);
          if (!bytes.ok()) continue;
          ++accepted;
          EXPECT_EQ(EncodeBase64(*bytes), text);
          EXPECT_TRUE(decoded.insert(*bytes).second) << text;
        }
      }
    }
  }
  // 7 digits: 7^4 full groups; "xyz=" with the last two bits of z zero (A, g, w, Q: 4 of 7); "xy==" with the last four
  // zero (A, g, w, Q: 4 of 7).
  EXPECT_EQ(accepted, 7 * 7 * 7 * 7 + 7 * 7 * 4 + 7 * 4);
}

}  // namespace
}  // namespace bitnet::attest
