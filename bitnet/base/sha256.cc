#include "bitnet/base/sha256.h"

// The functions of SHA-256 itself, which OpenSSL 3.0 marks as old in favour of EVP: EVP frees and allocates its state
// each time a context begins anew, and a trace commitment does that hundreds of times a token.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <utility>

#include "absl/log/check.h"
#include "absl/strings/escaping.h"

namespace bitnet {
namespace {

SHA256_CTX* State(void* context) { return static_cast<SHA256_CTX*>(context); }

}  // namespace

// These calls have no way to fail, and say so by 1: an invariant, hence CHECK.
Sha256::Sha256() : context_(new SHA256_CTX) { CHECK_EQ(SHA256_Init(State(context_)), 1); }

Sha256::Sha256(Sha256&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}

Sha256::~Sha256() { delete State(context_); }

Sha256& Sha256::Update(std::span<const uint8_t> bytes) {
  CHECK_EQ(SHA256_Update(State(context_), bytes.data(), bytes.size()), 1);
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
  CHECK_EQ(SHA256_Final(digest.data(), State(context_)), 1);
  return digest;
}

Sha256& Sha256::Reset() {
  CHECK_EQ(SHA256_Init(State(context_)), 1);
  return *this;
}

Digest Sha256Of(std::span<const uint8_t> bytes) { return Sha256().Update(bytes).Finish(); }
Digest Sha256Of(std::string_view bytes) { return Sha256().Update(bytes).Finish(); }

std::string ToHex(const Digest& digest) {
  return absl::BytesToHexString(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

}  // namespace bitnet
