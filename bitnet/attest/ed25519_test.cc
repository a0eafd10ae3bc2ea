#include "bitnet/attest/ed25519.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/pem.h"
#include "gtest/gtest.h"

namespace bitnet::attest {
namespace {

using PkeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::string FromHex(std::string_view hex) {
  std::string bytes;
  CHECK(absl::HexStringToBytes(hex, &bytes)) << hex;
  return bytes;
}

PublicKey::Raw RawOf(std::string_view hex) {
  const std::string bytes = FromHex(hex);
  PublicKey::Raw raw;
  CHECK_EQ(bytes.size(), raw.size());
  std::copy(bytes.begin(), bytes.end(), raw.begin());
  return raw;
}

// What OpenSSL says by itself.
bool OpenSslAccepts(const PublicKey::Raw& raw, std::string_view message, std::string_view signature) {
  const PkeyPtr key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw.data(), raw.size()), EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  CHECK(key != nullptr);
  CHECK_EQ(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()), 1);
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
}

// RFC 8032, section 7.1, tests 1 to 3.
struct Vector {
  const char* seed;
  const char* key;
  const char* message;
  const char* signature;
};
constexpr Vector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
     "655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
     "b00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
     "c027beceea1ec40a"}};

TEST(Ed25519Test, VectorsOfTheRfc) {
  for (const Vector& vector : kVectors) {
    const PrivateKey key = PrivateKey::FromSeed(RawOf(vector.seed));
    EXPECT_EQ(key.Public(), *PublicKey::FromRaw(RawOf(vector.key)));
    const std::string message = FromHex(vector.message);
    EXPECT_EQ(absl::BytesToHexString(key.Sign(message)), vector.signature);
    EXPECT_TRUE(key.Public().Verify(message, FromHex(vector.signature)).ok());
  }
}

TEST(Ed25519Test, EveryFlippedBitIsRefused) {
  const PrivateKey key = PrivateKey::FromSeed(RawOf(kVectors[2].seed));
  const std::string message = "DSSEv1 1 a 1 b";
  const std::string signature = key.Sign(message);
  for (size_t bit = 0; bit < 8 * signature.size(); ++bit) {
    std::string flipped = signature;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(key.Public().Verify(message, flipped).ok()) << "bit " << bit << " of the signature";
  }
  for (size_t bit = 0; bit < 8 * message.size(); ++bit) {
    std::string flipped = message;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(key.Public().Verify(flipped, signature).ok()) << "bit " << bit << " of the message";
  }
  for (const size_t size : {0u, 1u, 32u, 63u, 65u, 128u}) {
    EXPECT_FALSE(key.Public().Verify(message, (signature + signature).substr(0, size)).ok()) << size;
  }
}

// S + L satisfies the same equation; only the bound on S tells it from the signer's own.
TEST(Ed25519Test, MalleableSignaturesAreRefused) {
  const std::string order = FromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  const PrivateKey key = PrivateKey::FromSeed(RawOf(kVectors[0].seed));
  std::string signature = key.Sign("message");
  int carry = 0;
  for (size_t i = 0; i < 32; ++i) {
    const int sum = static_cast<uint8_t>(signature[32 + i]) + static_cast<uint8_t>(order[i]) + carry;
    signature[32 + i] = static_cast<char>(sum & 0xff);
    carry = sum >> 8;
  }
  ASSERT_EQ(carry, 0);
  EXPECT_TRUE(absl::StrContains(key.Public().Verify("message", signature).message(), "S is not below the order"));
  // The bound itself: L is refused as too large, L - 1 as not matching.
  std::string edge = signature.substr(0, 32) + order;
  EXPECT_TRUE(absl::StrContains(key.Public().Verify("message", edge).message(), "S is not below"));
  edge[32] = static_cast<char>(edge[32] - 1);
  EXPECT_TRUE(absl::StrContains(key.Public().Verify("message", edge).message(), "not made over these bytes"));
}

// The eight points of small order. Under each of them the signature (R = identity, S = 0), which no one had to sign,
// holds for every message, or for every eighth on average.
TEST(Ed25519Test, KeysOfSmallOrderAreRefused) {
  const std::string identity = FromHex("01" + std::string(62, '0'));
  const std::string forged = identity + std::string(32, '\0');
  for (const char* hex : {"0100000000000000000000000000000000000000000000000000000000000000",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "0000000000000000000000000000000000000000000000000000000000000000",
                          "0000000000000000000000000000000000000000000000000000000000000080",
                          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"}) {
    int held = 0;
    for (int i = 0; i < 256; ++i) held += OpenSslAccepts(RawOf(hex), absl::StrCat("message ", i), forged);
    EXPECT_GT(held, 0) << hex << " is no point of small order";
    const auto key = PublicKey::FromRaw(RawOf(hex));
    ASSERT_FALSE(key.ok()) << hex;
    EXPECT_TRUE(absl::StrContains(key.status().message(), "small order")) << key.status();
  }
}

// y = p, p + 1 and 2^255 - 1 stand for 0, 1 and 18.
TEST(Ed25519Test, NonCanonicalKeysAreRefused) {
  for (const char* hex : {"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}) {
    const auto key = PublicKey::FromRaw(RawOf(hex));
    ASSERT_FALSE(key.ok()) << hex;
    EXPECT_TRUE(absl::StrContains(key.status().message(), "canonical")) << key.status();
  }
}

TEST(Ed25519Test, KeysComeBackFromText) {
  const PrivateKey key = PrivateKey::Generate();
  const PublicKey public_key = key.Public();
  const auto again = PrivateKey::FromPem(key.Pem());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->Pem(), key.Pem());
  EXPECT_EQ(again->Public(), public_key);
  EXPECT_EQ(*PublicKey::FromText(public_key.Pem()), public_key);
  EXPECT_EQ(*PublicKey::FromText(absl::BytesToHexString(public_key.Der()) + "\n"), public_key);
  EXPECT_EQ(*PublicKey::FromText(absl::AsciiStrToUpper(absl::BytesToHexString(public_key.Der()))), public_key);
  for (const char c : {'\x80', '\xff', '\0', 'g'}) {  // as long as the hexadecimal form
    std::string text = absl::BytesToHexString(public_key.Der());
    text[5] = c;
    EXPECT_EQ(PublicKey::FromText(text).status().code(), absl::StatusCode::kInvalidArgument) << c;
  }
  EXPECT_EQ(public_key.Der().size(), 44);
  EXPECT_EQ(public_key.KeyId().size(), 64);
  EXPECT_NE(PrivateKey::Generate().Public(), public_key);
}

TEST(Ed25519Test, OpenSslReadsAndWritesTheSameDer) {
  const PrivateKey key = PrivateKey::FromSeed(RawOf(kVectors[0].seed));
  const std::string der = key.Public().Der();
  const unsigned char* at = reinterpret_cast<const unsigned char*>(der.data());
  const PkeyPtr public_key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())), EVP_PKEY_free);
  ASSERT_NE(public_key, nullptr);
  EXPECT_EQ(EVP_PKEY_is_a(public_key.get(), "ED25519"), 1);
  const std::string secret = *ReadPem("PRIVATE KEY", key.Pem());
  at = reinterpret_cast<const unsigned char*>(secret.data());
  const PkeyPtr private_key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(secret.size())), EVP_PKEY_free);
  ASSERT_NE(private_key, nullptr);
  EXPECT_EQ(EVP_PKEY_eq(private_key.get(), public_key.get()), 1);
}

TEST(Ed25519Test, KeysOfAnotherTypeAreRefusedByName) {
  const std::pair<const char*, PkeyPtr> kOthers[] = {
      {"RSA", PkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{1024}), EVP_PKEY_free)},
      {"EC", PkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free)},
      {"X25519", PkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"), EVP_PKEY_free)},
      {"ED448", PkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448"), EVP_PKEY_free)}};
  for (const auto& [name, key] : kOthers) {
    ASSERT_NE(key, nullptr) << name;
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key.get(), &der);
    ASSERT_GT(size, 0);
    const std::string spki(reinterpret_cast<const char*>(der), size);
    OPENSSL_free(der);
    const auto read = PublicKey::FromText(WritePem("PUBLIC KEY", spki));
    ASSERT_FALSE(read.ok()) << name;
    EXPECT_TRUE(absl::StrContains(read.status().message(), absl::StrCat("type ", name))) << read.status();
  }
}

TEST(PemTest, OneBlockAndNothingElse) {
  const std::string pem = PrivateKey::FromSeed(RawOf(kVectors[0].seed)).Public().Pem();
  EXPECT_EQ(pem.substr(0, 27), "-----BEGIN PUBLIC KEY-----\n");
  const std::string body = pem.substr(27, pem.size() - 27 - 25);
  EXPECT_TRUE(PublicKey::FromText("-----BEGIN PUBLIC KEY-----\r\n" + body.substr(0, body.size() - 1) +
                                  "\r\n-----END PUBLIC KEY-----\r\n")
                  .ok());
  EXPECT_TRUE(PublicKey::FromText(pem.substr(0, pem.size() - 1)).ok()) << "the last newline may be absent";
  for (const std::string& text :
       {std::string(), std::string("\n"), "x" + pem, "\n" + pem, pem + "\n", pem + pem, pem.substr(27),
        pem.substr(0, pem.size() - 25), "-----BEGIN PUBLIC KEY-----\n" + body + "-----END PRIVATE KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n" + body.substr(4) + "-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nProc-Type: 4,ENCRYPTED\n" + body + "-----END PUBLIC KEY-----\n",
        pem + std::string(kMaxPemBytes, '\n')}) {
    const bool blank_line = text == pem + "\n";
    EXPECT_FALSE(PublicKey::FromText(text).ok()) << (blank_line ? "a blank line at the end" : text);
  }
}

TEST(PemTest, ErrorsOfPrivateKeysDoNotQuoteThem) {
  const PrivateKey key = PrivateKey::FromSeed(RawOf(kVectors[0].seed));
  const std::string pem = key.Pem();
  for (const std::string& text : {pem + pem, key.Public().Pem(), pem.substr(0, 60), "x" + pem,
                                  std::string("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"),
                                  absl::StrCat("-----BEGIN PRIVATE KEY-----\n", "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v\n",
                                               "-----END PRIVATE KEY-----\n")}) {
    const auto read = PrivateKey::FromPem(text);
    ASSERT_FALSE(read.ok());
    EXPECT_FALSE(absl::StrContains(read.status().message(), "MC4CAQ")) << read.status();
  }
  EXPECT_TRUE(absl::StrContains(PrivateKey::FromPem("-----BEGIN ENCRYPTED PRIVATE KEY-----\n").status().message(),
                                "openssl pkey"));
}

}  // namespace
}  // namespace bitnet::attest
