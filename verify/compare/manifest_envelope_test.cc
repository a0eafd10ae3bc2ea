#include "verify/compare/manifest_envelope.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_replace.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/dsse.h"
#include "bitnet/attest/testing_bundle.h"
#include "bitnet/receipt/json_writer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "verify/compare/testing_manifest.h"
#include "verify/testing/honest_receipt.h"

namespace bitnet::verify {
namespace {

using attest::PublicKey;
using testing::HasSubstr;

std::string Text() { return WriteManifest(TestingManifest(3)); }

TEST(ManifestEnvelopeTest, ATrustedSignatureGivesTheManifestByteForByte) {
  const attest::PrivateKey key = attest::TestingKey();
  const std::vector<PublicKey> trusted = {attest::TestingKey("second").Public(), key.Public()};
  const auto opened = OpenSignedManifest(SignManifest(Text(), key), trusted);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->manifest, Text());
  EXPECT_EQ(opened->key_id, key.Public().KeyId());
}

TEST(ManifestEnvelopeTest, AnotherKeyIsNotTrustedWhateverTheBundleSays) {
  const std::string bundle = SignManifest(Text(), attest::TestingKey());
  const std::vector<PublicKey> others = {attest::TestingKey("second").Public()};
  EXPECT_EQ(OpenSignedManifest(bundle, others).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(OpenSignedManifest(bundle, {}).status().code(), absl::StatusCode::kUnauthenticated);
  attest::Envelope envelope = *attest::ReadBundle(bundle);
  envelope.key_id = others[0].KeyId();
  EXPECT_EQ(OpenSignedManifest(attest::WriteBundle(envelope), others).status().code(),
            absl::StatusCode::kUnauthenticated);
}

TEST(ManifestEnvelopeTest, AnEditedManifestIsNotTheSignedOne) {
  const attest::PrivateKey key = attest::TestingKey();
  const std::vector<PublicKey> trusted = {key.Public()};
  attest::Envelope envelope = *attest::ReadBundle(SignManifest(Text(), key));
  envelope.payload = absl::StrReplaceAll(envelope.payload, {{"2026-12-21", "2027-12-21"}});
  EXPECT_EQ(OpenSignedManifest(attest::WriteBundle(envelope), trusted).status().code(),
            absl::StatusCode::kUnauthenticated);
}

// A signature over something else says nothing about a baseline.
TEST(ManifestEnvelopeTest, ASignedReceiptIsNoManifest) {
  const std::vector<PublicKey> trusted = {attest::TestingKey().Public()};
  const auto opened = OpenSignedManifest(attest::HonestBundle(WriteReceiptJson(HonestReceipt({}))), trusted);
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(opened.status().message(), HasSubstr("predicateType"));
}

TEST(ManifestEnvelopeTest, TheStatementIsReadStrictly) {
  const attest::PrivateKey key = attest::TestingKey();
  const std::vector<PublicKey> trusted = {key.Public()};
  const std::string payload = attest::ReadBundle(SignManifest(Text(), key))->payload;
  struct Edit {
    std::string from, to, word;
  };
  const Edit edits[] = {
      {"\"baseline\"", "\"receipt\"", "name"},
      {"\"predicate\":{", "\"predicate\":{\"x\":1,", "/predicate/x"},
      {"\"subject\":[{", "\"subject\":[{\"x\":1,", "/subject/0/x"},
      {"\"digest\":{", "\"digest\":{\"x\":1,", "/subject/0/digest/x"},
      {"\"_type\":", "\"x\":1,\"_type\":", "/x"},
      {"Statement/v1\"", "Statement/v0\"", "_type"},
      {"2026-12-21", "2027-12-21", "sha256"},
  };
  for (const Edit& edit : edits) {
    const std::string edited = absl::StrReplaceAll(payload, {{edit.from, edit.to}});
    ASSERT_NE(edited, payload) << edit.from;
    const auto opened = OpenSignedManifest(attest::WriteBundle(attest::SignPayload(edited, key)), trusted);
    ASSERT_FALSE(opened.ok()) << edit.from;
    EXPECT_THAT(opened.status().message(), HasSubstr(edit.word)) << edit.from;
  }
  EXPECT_FALSE(OpenSignedManifest("{}", trusted).ok());
  EXPECT_FALSE(OpenSignedManifest(Text(), trusted).ok());
}

}  // namespace
}  // namespace bitnet::verify
