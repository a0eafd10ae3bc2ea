// Keys and bundles for tests: the same bytes every time.

#ifndef BITNET_ATTEST_TESTING_BUNDLE_H_
#define BITNET_ATTEST_TESTING_BUNDLE_H_

#include <string>
#include <string_view>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/dsse.h"
#include "bitnet/attest/ed25519.h"
#include "bitnet/attest/statement.h"
#include "bitnet/base/sha256.h"

namespace bitnet::attest {

// Nobody's key: its seed is the digest of a name that everyone can read here.
inline PrivateKey TestingKey(std::string_view name = "first") {
  return PrivateKey::FromSeed(Sha256Of(absl::StrCat("bitnet testing key, ", name)));
}

// The statement that an honest signer makes about `receipt`.
inline Statement HonestStatement(std::string_view receipt) {
  const auto subjects = SubjectsOf(receipt);
  CHECK(subjects.ok()) << subjects.status();
  return {*subjects, std::string(receipt)};
}

inline std::string HonestBundle(std::string_view receipt) {
  return WriteBundle(SignPayload(WriteStatement(HonestStatement(receipt)), TestingKey()));
}

}  // namespace bitnet::attest

#endif  // BITNET_ATTEST_TESTING_BUNDLE_H_
