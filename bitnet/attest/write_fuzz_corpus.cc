// Writes testdata/fuzz/bundle: small bundles, statements and keys, right ones and one for each way to be wrong.
//
//   ./bazelw run //bitnet/attest:write_fuzz_corpus -- $PWD/testdata/fuzz/bundle

#include <cstdio>
#include <map>
#include <string>

#include "absl/strings/str_replace.h"
#include "bitnet/attest/base64.h"
#include "bitnet/attest/testing_bundle.h"
#include "bitnet/base/atomic_file.h"

namespace bitnet::attest {
namespace {

std::map<std::string, std::string> Corpus() {
  const PrivateKey key = TestingKey();
  const std::string digest(64, 'a');
  const std::string payload =
      WriteStatement({{digest, digest, digest, std::string(40, 'b')}, "{\"a\": \"\xc3\xa9\"}\n"});
  const Envelope envelope = SignPayload(payload, key);
  const std::string bundle = WriteBundle(envelope);
  const std::string sig = EncodeBase64(envelope.signature);
  Envelope other = SignPayload(payload, TestingKey("second"));
  other.key_id = key.Public().KeyId();
  const auto edit = [&](const std::string& from, const std::string& to) {
    return absl::StrReplaceAll(bundle, {{from, to}});
  };
  return {
      {"valid_bundle.json", bundle},
      {"valid_statement.json", payload},
      {"valid_public.pem", key.Public().Pem()},
      {"valid_private.pem", key.Pem()},
      {"valid_base64.txt", EncodeBase64("any bytes?>")},
      {"other_key.json", WriteBundle(other)},
      {"not_a_statement.json", WriteBundle(SignPayload("{}", key))},
      {"no_payload.json", WriteBundle(SignPayload("", key))},
      {"two_signatures.json",
       edit("\"signatures\": [", "\"signatures\": [{\"sig\": \"" + sig + "\", \"keyid\": \"\"},")},
      {"payload_type.json", edit("vnd.in-toto+json", "json")},
      {"media_type.json", edit("v0.3", "v0.1")},
      {"certificate.json", edit("publicKey", "certificate")},
      {"unpadded.json", edit("==", "")},
      {"url_alphabet.json", absl::StrReplaceAll(bundle, {{"+", "-"}, {"/", "_"}})},
      {"short_signature.json", edit(sig, "AAAA")},
      {"blank.json", edit(sig, " " + sig.substr(1))},
      {"cut.json", bundle.substr(0, bundle.size() / 2)},
      {"commit_as_sha256.json", absl::StrReplaceAll(payload, {{"gitCommit", "sha256"}})},
      {"receipt_as_object.json", absl::StrReplaceAll(payload, {{"\"{\\\"a\\\": \\\"\xc3\xa9\\\"}\\n\"", "{}"}})},
      {"as_long_as_hex.txt", std::string(2 * key.Public().Der().size(), '\xd1')},
      {"rsa_label.pem", absl::StrReplaceAll(key.Public().Pem(), {{"PUBLIC", "RSA PUBLIC"}})},
      {"small_order.pem", absl::StrReplaceAll(key.Public().Pem(), {{EncodeBase64(key.Public().Der()),
                                                                    EncodeBase64(key.Public().Der().substr(0, 12) +
                                                                                 std::string(32, '\0'))}})},
      {"bits_after_the_end.txt", "Zh=="},
  };
}

int Write(const std::string& folder) {
  for (const auto& [name, bytes] : Corpus()) {
    if (const absl::Status status = WriteFileAtomically(folder + "/" + name, bytes); !status.ok()) {
      std::fprintf(stderr, "%s\n", status.ToString().c_str());
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace bitnet::attest

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_fuzz_corpus FOLDER\n");
    return 2;
  }
  return bitnet::attest::Write(argv[1]);
}
