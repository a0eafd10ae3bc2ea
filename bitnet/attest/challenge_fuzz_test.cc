// Any bytes: a challenge that is read is written back as a text that is read as the same challenge.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/log/check.h"
#include "bitnet/attest/challenge.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bitnet::attest;
  const auto challenge = ReadChallenge(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!challenge.ok()) {
    CHECK(!challenge.status().message().empty());
    return 0;
  }
  CHECK(challenge->issued_at < challenge->expires_at);
  const auto again = ReadChallenge(WriteChallenge(*challenge));
  CHECK_OK(again.status());
  CHECK(*again == *challenge);
  return 0;
}
