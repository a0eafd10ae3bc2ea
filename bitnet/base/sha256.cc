#include "bitnet/base/sha256.h"

#include <openssl/evp.h>

#include <utility>

#include "absl/log/check.h"
#include "absl/strings/escaping.h"

namespace bitnet {

// OpenSSL's digest calls fail only when memory is exhausted or the context is misused: invariants, hence CHECK.
Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  CHECK(context_ != nullptr);
  CHECK_EQ(EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(context_), EVP_sha256(), nullptr), 1);
}

Sha256::Sha256(Sha256&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}

Sha256::~Sha256() { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_)); }

Sha256& Sha256::Update(std::span<const uint8_t> bytes) {
  CHECK_EQ(EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), bytes.data(), bytes.size()), 1);
  return *this;
}

Sha256& Sha256::Update(std::string_view bytes) {
  return Update(std::span(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
}

Sha256& Sha256::UpdateU32(uint32_t value) {
  return Update(std::span(reinterpret_cast<const uint8_t*>(&value), sizeof(value)));
}

Sha256& Sha256::UpdateU64(uint64_t value) {
  return Update(std::span(reinterpret_cast<const uint8_t*>(&value), sizeof(value)));
}

Digest Sha256::Finish() {
  Digest digest;
  unsigned size = 0;
  CHECK_EQ(EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), digest.data(), &size), 1);
  CHECK_EQ(size, digest.size());
  return digest;
}

Sha256& Sha256::Reset() {
  // No digest named: the one that the context has.
  CHECK_EQ(EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(context_), nullptr, nullptr), 1);
  return *this;
}

Digest Sha256Of(std::span<const uint8_t> bytes) { return Sha256().Update(bytes).Finish(); }
Digest Sha256Of(std::string_view bytes) { return Sha256().Update(bytes).Finish(); }

std::string ToHex(const Digest& digest) {
  return absl::BytesToHexString(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

}  // namespace bitnet
