// Any bytes, as a manifest, as an envelope of one and as the policy's member: nothing crashes, and a manifest that is
// read is written back as a text that is read as the same manifest.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/log/check.h"
#include "bitnet/attest/testing_bundle.h"
#include "bitnet/receipt/json_reader.h"
#include "verify/compare/compare_policy.h"
#include "verify/compare/manifest.h"
#include "verify/compare/manifest_envelope.h"

namespace bitnet::verify {
namespace {

void ReadAsManifest(std::string_view text) {
  const auto manifest = ReadManifest(text);
  if (!manifest.ok()) {
    CHECK(!manifest.status().message().empty());
    return;
  }
  CHECK(manifest->created < manifest->expires);
  CHECK_GE(manifest->receipts.size(), size_t{2});
  CHECK_LE(manifest->receipts.size(), kMaxManifestReceipts);
  const auto again = ReadManifest(WriteManifest(*manifest));
  CHECK_OK(again.status());
  CHECK(*again == *manifest);
}

// Signed by a key that everyone can read, so that what lies behind the signature is reached too.
void ReadAsStatement(std::string_view payload) {
  static const attest::PrivateKey& key = *new attest::PrivateKey(attest::TestingKey());
  static const std::vector<attest::PublicKey>& trusted = *new std::vector<attest::PublicKey>{key.Public()};
  const auto opened = OpenSignedManifest(attest::WriteBundle(attest::SignPayload(payload, key)), trusted);
  if (opened.ok()) ReadAsManifest(opened->manifest);
  CHECK(!OpenSignedManifest(payload, {}).ok());
}

}  // namespace
}  // namespace bitnet::verify

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bitnet::verify;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ReadAsManifest(text);
  ReadAsStatement(text);
  if (const auto json = bitnet::ParseJsonText(text); json.ok()) {
    const auto policy = ParseComparePolicy(*json);
    if (policy.ok()) CHECK(!policy->looks.empty() && policy->margin > 0 && policy->LevelPerLook() > 0);
  }
  return 0;
}
