// Ed25519 (RFC 8032) by the system's OpenSSL, with what RFC 8032 leaves to the reader decided strictly.
//
// * A public key is the canonical encoding of a point that is not of small order. Under one of the eight points of
//   small order a signature can be made that holds for every message.
// * A signature is 64 bytes whose second half is below the order of the group. S + L would be a second signature of
//   the same message, made by whoever sees the first.
// * Files hold keys of this type and nothing else: PKCS#8 without attributes (RFC 5958, RFC 8410) for private keys,
//   SubjectPublicKeyInfo for public ones, both as PEM.

#ifndef BITNET_ATTEST_ED25519_H_
#define BITNET_ATTEST_ED25519_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bitnet::attest {

inline constexpr size_t kSignatureBytes = 64;

// A value type.
class PublicKey {
 public:
  using Raw = std::array<uint8_t, 32>;

  // InvalidArgument for what is no canonical encoding of a point and for points of small order.
  static absl::StatusOr<PublicKey> FromRaw(const Raw& raw);
  // The DER of a SubjectPublicKeyInfo. An error names the type of a key that is no Ed25519 key.
  static absl::StatusOr<PublicKey> FromDer(std::string_view der);
  // PEM ("PUBLIC KEY"), or the DER as 88 hexadecimal digits with or without a newline.
  static absl::StatusOr<PublicKey> FromText(std::string_view text);

  std::string Der() const;  // 44 bytes
  std::string Pem() const;
  // SHA-256 of the DER, 64 hexadecimal digits: what names a key in envelopes and reports.
  std::string KeyId() const;

  // OK, or why `signature` does not hold for `message`.
  absl::Status Verify(std::string_view message, std::string_view signature) const;

  friend bool operator==(const PublicKey& a, const PublicKey& b) = default;

 private:
  explicit PublicKey(const Raw& raw) : raw_(raw) {}

  Raw raw_;
};

// Holds the secret and wipes it when it goes. Move-only.
class PrivateKey {
 public:
  using Seed = std::array<uint8_t, 32>;

  // From the system's generator of random numbers.
  static PrivateKey Generate();
  static PrivateKey FromSeed(const Seed& seed) { return PrivateKey(seed); }
  // PEM ("PRIVATE KEY"), not encrypted. Errors never quote the text.
  static absl::StatusOr<PrivateKey> FromPem(std::string_view text);

  PrivateKey(PrivateKey&& other) noexcept;
  PrivateKey& operator=(PrivateKey&&) = delete;
  ~PrivateKey();

  std::string Pem() const;
  PublicKey Public() const;
  std::string Sign(std::string_view message) const;  // kSignatureBytes

 private:
  explicit PrivateKey(const Seed& seed) : seed_(seed) {}

  Seed seed_;
};

}  // namespace bitnet::attest

#endif  // BITNET_ATTEST_ED25519_H_
