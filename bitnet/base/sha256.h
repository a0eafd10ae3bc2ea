// SHA-256 (FIPS 180-4), by the system's OpenSSL.

#ifndef BITNET_BASE_SHA256_H_
#define BITNET_BASE_SHA256_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bitnet {

using Digest = std::array<uint8_t, 32>;

// Incremental. Move-only; not thread-safe.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&& other) noexcept;
  Sha256& operator=(Sha256&&) = delete;
  ~Sha256();

  Sha256& Update(std::span<const uint8_t> bytes);
  Sha256& Update(std::string_view bytes);
  // Integers enter a hash in little-endian form.
  Sha256& UpdateU32(uint32_t value);
  Sha256& UpdateU64(uint64_t value);
  // Call once, last; Reset begins the next digest without an allocation.
  Digest Finish();
  Sha256& Reset();

 private:
  void* context_;  // OpenSSL's SHA256_CTX
};

Digest Sha256Of(std::span<const uint8_t> bytes);
Digest Sha256Of(std::string_view bytes);

// 64 lower-case hexadecimal digits.
std::string ToHex(const Digest& digest);

}  // namespace bitnet

#endif  // BITNET_BASE_SHA256_H_
