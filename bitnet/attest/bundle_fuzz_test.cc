// Any bytes, as base64, PEM, bundle and statement: what is read is written back as what it was, and nothing that the
// fuzzer makes is signed with the test's key, unless it is one of the envelopes that the corpus has.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/log/check.h"
#include "bitnet/attest/base64.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/dsse.h"
#include "bitnet/attest/ed25519.h"
#include "bitnet/attest/statement.h"
#include "bitnet/attest/testing_bundle.h"
#include "bitnet/receipt/json_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bitnet::attest;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CHECK(*DecodeBase64(EncodeBase64(text)) == text);
  if (const auto bytes = DecodeBase64(text); bytes.ok()) CHECK(EncodeBase64(*bytes) == text);
  if (const auto key = PublicKey::FromText(text); key.ok()) {
    CHECK(*PublicKey::FromText(key->Pem()) == *key);
    CHECK(*PublicKey::FromDer(key->Der()) == *key);
  }
  if (const auto key = PrivateKey::FromPem(text); key.ok()) CHECK(PrivateKey::FromPem(key->Pem())->Pem() == key->Pem());

  const auto statement = ReadStatement(text);
  if (statement.ok()) {
    const auto again = ReadStatement(WriteStatement(*statement));
    CHECK_OK(again.status());
    CHECK(again->subjects == statement->subjects && again->receipt == statement->receipt);
  }
  const auto envelope = ReadBundle(text);
  if (!envelope.ok()) return 0;
  CHECK(LooksLikeBundle(text));
  CHECK(envelope->signature.size() == kSignatureBytes);
  const auto again = ReadBundle(WriteBundle(*envelope));
  CHECK_OK(again.status());
  CHECK(again->payload == envelope->payload && again->signature == envelope->signature);
  const PrivateKey key = TestingKey();
  if (VerifyEnvelope(*envelope, key.Public()).ok()) {
    CHECK(key.Sign(PreAuthEncoding(kPayloadType, envelope->payload)) == envelope->signature);
  }
  return 0;
}
