#include "bitnet/attest/ed25519.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/pem.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"

namespace bitnet::attest {
namespace {

using PkeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using MdContextPtr = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

// Both DER forms have one length, so all bytes before the key are fixed (RFC 8410, sections 4 and 7).
constexpr std::string_view kSpkiPrefix("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);
constexpr std::string_view kPkcs8Prefix("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16);
constexpr size_t kKeyBytes = 32;
constexpr std::string_view kPublicLabel = "PUBLIC KEY";
constexpr std::string_view kPrivateLabel = "PRIVATE KEY";

// Little-endian. L = 2^252 + 27742317777372353535851937790883648493, the order of the group.
constexpr std::array<uint8_t, 32> kOrder = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                            0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                            0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
// p = 2^255 - 19, of the field.
constexpr std::array<uint8_t, 32> kPrime = {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
// y of the points of order 8; those of orders 1, 2 and 4 have y = 1, -1 and 0. Each y belongs to two signs of x.
constexpr std::string_view kOrderEightY[] = {"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                                             "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"};

// a < b for little-endian integers of 32 bytes.
bool Below(const uint8_t* a, const std::array<uint8_t, 32>& b) {
  for (size_t i = b.size(); i-- > 0;) {
    if (a[i] != b[i]) return a[i] < b[i];
  }
  return false;
}

bool IsSmallOrderY(const PublicKey::Raw& y) {
  const bool rest_zero = std::all_of(y.begin() + 1, y.end(), [](uint8_t byte) { return byte == 0; });
  if (rest_zero && y[0] <= 1) return true;
  PublicKey::Raw minus_one = kPrime;
  --minus_one[0];
  if (y == minus_one) return true;
  const std::string hex = ToHex(y);
  return std::ranges::find(kOrderEightY, hex) != std::end(kOrderEightY);
}

std::string_view Bytes(const std::array<uint8_t, 32>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

const unsigned char* Unsigned(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

// What kind of public key `der` is, for the error that refuses it.
std::string DescribeSpki(std::string_view der) {
  const unsigned char* at = Unsigned(der);
  const PkeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())), EVP_PKEY_free);
  if (key == nullptr || at != Unsigned(der) + der.size()) return absl::StrCat("no key, ", der.size(), " bytes of DER");
  const char* name = EVP_PKEY_get0_type_name(key.get());
  return absl::StrCat("a key of type ", name == nullptr ? "unknown" : name);
}

}  // namespace

absl::StatusOr<PublicKey> PublicKey::FromRaw(const Raw& raw) {
  Raw y = raw;
  y.back() &= 0x7f;  // the highest bit is the sign of x
  if (!Below(y.data(), kPrime)) {
    return absl::InvalidArgumentError("public key: not the canonical encoding of a point (y is not below 2^255-19)");
  }
  if (IsSmallOrderY(y)) {
    return absl::InvalidArgumentError(
        "public key: a point of small order, under which one signature holds for every message");
  }
  return PublicKey(raw);
}

absl::StatusOr<PublicKey> PublicKey::FromDer(std::string_view der) {
  if (der.size() != kSpkiPrefix.size() + kKeyBytes || !absl::StartsWith(der, kSpkiPrefix)) {
    return absl::InvalidArgumentError(absl::StrCat("public key: expected the 44 bytes of an Ed25519 key, got ",
                                                   DescribeSpki(der), "; xtask keygen makes one"));
  }
  Raw raw;
  std::copy_n(Unsigned(der) + kSpkiPrefix.size(), raw.size(), raw.begin());
  return FromRaw(raw);
}

absl::StatusOr<PublicKey> PublicKey::FromText(std::string_view text) {
  const std::string_view line = absl::StripTrailingAsciiWhitespace(text);
  // Looked at first: absl::HexStringToBytes reads beside its table for bytes above 0x7f.
  const bool digits =
      std::all_of(line.begin(), line.end(), [](char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); });
  std::string der;
  if (digits && line.size() == 2 * (kSpkiPrefix.size() + kKeyBytes) && absl::HexStringToBytes(line, &der)) {
    return FromDer(der);
  }
  BITNET_ASSIGN_OR_RETURN(der, ReadPem(kPublicLabel, text));
  return FromDer(der);
}

std::string PublicKey::Der() const { return absl::StrCat(kSpkiPrefix, Bytes(raw_)); }
std::string PublicKey::Pem() const { return WritePem(kPublicLabel, Der()); }
std::string PublicKey::KeyId() const { return ToHex(Sha256Of(Der())); }

absl::Status PublicKey::Verify(std::string_view message, std::string_view signature) const {
  if (signature.size() != kSignatureBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("signature of ", signature.size(), " bytes; expected ", kSignatureBytes));
  }
  if (!Below(Unsigned(signature) + kKeyBytes, kOrder)) {
    return absl::InvalidArgumentError(
        "signature: S is not below the order of the group, so it is not the signer's own");
  }
  const PkeyPtr key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw_.data(), raw_.size()), EVP_PKEY_free);
  const MdContextPtr context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  CHECK(key != nullptr && context != nullptr);
  CHECK_EQ(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()), 1);
  if (EVP_DigestVerify(context.get(), Unsigned(signature), signature.size(), Unsigned(message), message.size()) != 1) {
    return absl::InvalidArgumentError("signature: it was not made over these bytes with this key");
  }
  return absl::OkStatus();
}

PrivateKey PrivateKey::Generate() {
  const PkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
  CHECK(key != nullptr) << "OpenSSL made no key";
  Seed seed;
  size_t size = seed.size();
  CHECK_EQ(EVP_PKEY_get_raw_private_key(key.get(), seed.data(), &size), 1);
  CHECK_EQ(size, seed.size());
  PrivateKey result(seed);
  OPENSSL_cleanse(seed.data(), seed.size());
  return result;
}

absl::StatusOr<PrivateKey> PrivateKey::FromPem(std::string_view text) {
  if (absl::StartsWith(text, "-----BEGIN ENCRYPTED PRIVATE KEY-----")) {
    return absl::InvalidArgumentError(
        "private key: it is encrypted; write it in clear where only you can read it: openssl pkey -in KEY -out CLEAR");
  }
  BITNET_ASSIGN_OR_RETURN(std::string der, ReadPem(kPrivateLabel, text));
  const bool right = der.size() == kPkcs8Prefix.size() + kKeyBytes && absl::StartsWith(der, kPkcs8Prefix);
  Seed seed;
  if (right) std::copy_n(Unsigned(der) + kPkcs8Prefix.size(), seed.size(), seed.begin());
  OPENSSL_cleanse(der.data(), der.size());
  if (!right) {
    return absl::InvalidArgumentError(
        "private key: expected the 48 bytes of PKCS#8 for Ed25519 without attributes, got another key; xtask keygen "
        "makes one");
  }
  PrivateKey result(seed);
  OPENSSL_cleanse(seed.data(), seed.size());
  return result;
}

PrivateKey::PrivateKey(PrivateKey&& other) noexcept : seed_(other.seed_) {
  OPENSSL_cleanse(other.seed_.data(), other.seed_.size());
}

PrivateKey::~PrivateKey() { OPENSSL_cleanse(seed_.data(), seed_.size()); }

std::string PrivateKey::Pem() const { return WritePem(kPrivateLabel, absl::StrCat(kPkcs8Prefix, Bytes(seed_))); }

PublicKey PrivateKey::Public() const {
  const PkeyPtr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed_.data(), seed_.size()), EVP_PKEY_free);
  CHECK(key != nullptr);
  PublicKey::Raw raw;
  size_t size = raw.size();
  CHECK_EQ(EVP_PKEY_get_raw_public_key(key.get(), raw.data(), &size), 1);
  absl::StatusOr<PublicKey> result = PublicKey::FromRaw(raw);
  CHECK_OK(result.status());  // a multiple of the base point, by less than its order
  return *result;
}

std::string PrivateKey::Sign(std::string_view message) const {
  const PkeyPtr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed_.data(), seed_.size()), EVP_PKEY_free);
  const MdContextPtr context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  CHECK(key != nullptr && context != nullptr);
  CHECK_EQ(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()), 1);
  std::string signature(kSignatureBytes, '\0');
  size_t size = signature.size();
  CHECK_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, Unsigned(message),
                          message.size()),
           1);
  CHECK_EQ(size, signature.size());
  return signature;
}

}  // namespace bitnet::attest
